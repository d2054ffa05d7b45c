import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onSignInNeeded, signedInAgain } from "../api/session";
import { readSession, useSession } from "../api/useSession";
import { Page, Skeleton } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { useShortcuts } from "../components/shortcuts";
import { DemoBar } from "../features/demo/DemoBar";
import { MendList } from "../features/demo/MendList";
import { type Demo, useDemo } from "../features/demo/useDemo";
import { KeySheet } from "../features/help/KeySheet";
import { SignInOverlay } from "../features/signin/SignInOverlay";
import { QueueSide, useQueueAddress } from "./QueueSide";
import styles from "./Shell.module.css";
import { TopBar } from "./TopBar";

/** The frame of every page: bar, demo bar, page; and what opens over it. */
export function Shell() {
  const { t } = useTranslation();
  const session = useSession();
  const atSignIn = useRouterState({ select: (s) => s.location.pathname === "/signin" });
  const demo = useDemo(session.isSuccess && (session.data?.demo ?? true)).data ?? null;
  const [keys, setKeys] = useState(false);
  useShortcuts(t("keys.title"), [{ keys: ["?"], does: t("keys.show"), run: () => setKeys(true) }]);
  const queue = useQueueAddress();
  const signIn = useSignInOverPage(session.isSuccess && !session.data && !atSignIn);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#page">
        {t("skip")}
      </a>
      <TopBar session={session.data ?? null} onKeys={() => setKeys(true)} />
      {demo && <DemoBar demo={demo} session={session.data ?? null} />}
      <div className={styles.work} data-queue={queue.shown || undefined} data-start={queue.path === "/" || undefined}>
        {session.data && <QueueSide key={session.data.principal} />}
        {/* tabIndex: the page scrolls, so it must be reachable without a pointer */}
        <main id="page" className={styles.main} tabIndex={-1}>
          {session.isPending && <Skeleton lines={3} label={t("loading")} />}
          {session.error && (
            <Page title={t("name")}>
              <ProblemNote problem={session.error} onRetry={() => void session.refetch()} />
            </Page>
          )}
          {/* keyed by the person: what one has read is not there for the next */}
          {(session.data || (session.isSuccess && atSignIn)) && <Outlet key={session.data?.principal ?? "nobody"} />}
        </main>
      </div>
      {keys && <KeySheet onClose={() => setKeys(false)} />}
      {signIn.open && (
        <SignInOverlay before={session.data ?? null} onDone={signIn.done}>
          {demo && <FreshMendList onMended={signIn.retry} />}
        </SignInOverlay>
      )}
    </div>
  );
}

/** What is broken changes behind a sign-in that ended: read it anew when the overlay opens. */
function FreshMendList({ onMended }: { onMended: () => void }) {
  const demo = useDemo();
  const { refetch } = demo;
  useEffect(() => void refetch(), [refetch]);
  const data: Demo | null | undefined = demo.data;
  return data ? <MendList demo={data} onMended={onMended} /> : null;
}

/** Opens when a request was refused for want of a sign-in, or when nobody was signed in to begin with. */
function useSignInOverPage(nobody: boolean) {
  const [ended, setEnded] = useState(false);
  useEffect(() => onSignInNeeded(() => setEnded(true)), []);
  const done = () => {
    setEnded(false);
    signedInAgain();
  };
  const retry = async () => {
    if (await readSession()) done();
  };
  return { open: ended || nobody, done, retry: () => void retry() };
}
