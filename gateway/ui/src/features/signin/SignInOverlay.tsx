import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { rememberSession, type Session } from "../../api/useSession";
import { Dialog } from "../../components/Dialog";
import { Doors } from "./Doors";
import styles from "./SignIn.module.css";
import { SignInForm } from "./SignInForm";

interface Props {
  /** Who was signed in until now; the page below is theirs. */
  before: Session | null;
  onDone: () => void;
  /** What else may help, e.g. undoing what was broken in the demo. */
  children?: ReactNode;
}

/** Signing in over the page. It returns to where the person was; somebody else gets a page of their own. */
export function SignInOverlay({ before, onDone, children }: Props) {
  const { t } = useTranslation("signin");
  const queries = useQueryClient();
  const signedIn = (session: Session) => {
    if (before && before.principal !== session.principal) return location.reload();
    rememberSession(queries, session);
    onDone();
  };
  return (
    <Dialog title={before ? t("again") : t("title")} firm onClose={() => undefined}>
      <div className={styles.panel}>
        <p className={styles.say}>{before ? t("againSay") : t("say")}</p>
        <Doors>
          <SignInForm onSignedIn={signedIn} />
        </Doors>
        {children}
      </div>
    </Dialog>
  );
}
