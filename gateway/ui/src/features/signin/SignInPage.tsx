import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem";
import { rememberSession, type Session } from "../../api/useSession";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { Doors } from "./Doors";
import { signInOnce, takeOnceToken } from "./once";
import { Refused } from "./Refused";
import styles from "./SignIn.module.css";
import { SignInForm } from "./SignInForm";

interface Props {
  /** Leaves for the start page. */
  onDone: () => void;
  /** Why a sign-in through a provider came back without one. */
  refused?: string | undefined;
  /** The provider to go to at once: what a tile in its dashboard opens. */
  begin?: string | undefined;
  children?: ReactNode;
}

/** /signin: uses a one-time link at once; without one, or when it no longer works, asks for login and password. */
export function SignInPage({ onDone, refused, begin, children }: Props) {
  const { t } = useTranslation("signin");
  const queries = useQueryClient();
  const signedIn = (session: Session) => {
    queries.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
    rememberSession(queries, session);
    onDone();
  };
  const once = useOnce(signedIn);
  return (
    <Page title={t("title")} say={t("say")}>
      {once.state === "asking" ? (
        <Skeleton lines={2} label={t("using")} />
      ) : (
        <div className={styles.panel}>
          {once.state === "refused" && <ProblemNote problem={once.problem} />}
          <Refused why={refused} />
          <Doors begin={refused ? undefined : begin}>
            <SignInForm onSignedIn={signedIn} />
          </Doors>
          {children}
        </div>
      )}
    </Page>
  );
}

type Once = { state: "none" } | { state: "asking" } | { state: "refused"; problem: Problem };

function useOnce(signedIn: (session: Session) => void): Once {
  const [pending, setPending] = useState(signInOnce);
  const [once, setOnce] = useState<Once>(pending ? { state: "asking" } : { state: "none" });
  useEffect(() => {
    // A second link, pasted while this page is open, changes only the fragment.
    const again = () => {
      takeOnceToken();
      setPending(signInOnce());
    };
    window.addEventListener("hashchange", again);
    return () => window.removeEventListener("hashchange", again);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one attempt is followed once
  useEffect(() => {
    let here = true;
    if (pending) setOnce({ state: "asking" });
    pending?.then(
      (session) => here && signedIn(session),
      (problem: Problem) => here && setOnce({ state: "refused", problem }),
    );
    return () => {
      here = false;
    };
  }, [pending]);
  return once;
}
