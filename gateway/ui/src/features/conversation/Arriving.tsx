import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Arriving.module.css";
import { Stopped } from "./Stopped";
import { useThreadTools } from "./ThreadContext";
import type { Live } from "./useInteraction";

/** As tall as a line of text; each message that arrives takes the place of one. */
const skeletonWidths = ["86%", "64%", "92%", "48%", "78%", "57%"] as const;
/** Nobody needs to be told about less. */
const silentMs = 1500;

type Props = { live: Live; name: string; onStart: (() => void) | undefined };

/** What stands after the last row: lines still to come, what we wait for, or why no more will come. */
export function Arriving({ live, name, onStart }: Props) {
  const { progress, thread } = live;
  if (progress.state === "problem") {
    return (
      <div className={styles.foot}>
        <Stopped problem={progress.problem} name={name} onRetry={live.tryAgain} onStart={onStart} />
      </div>
    );
  }
  if (progress.state !== "connecting" && progress.state !== "streaming") return null;
  const since = progress.state === "connecting" ? progress.since : progress.lastAt;
  return (
    <div className={styles.foot}>
      {skeletonWidths.slice(thread.messages).map((width) => (
        <div key={width} className={styles.skeleton} aria-hidden>
          <span style={{ width }} />
        </div>
      ))}
      <Waiting since={since} what={thread.waitingFor} begun={thread.header !== undefined} />
    </div>
  );
}

type WaitingProps = { since: number; what: string | undefined; begun: boolean };

/** A line in mono after a second and a half of nothing, with the seconds. */
function Waiting({ since, what, begun }: WaitingProps) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  const waited = useElapsed(since);
  if (waited < silentMs) return null;
  const said = { who: provider || t("waiting.provider"), seconds: Math.floor(waited / 1000), what };
  return (
    <p className={styles.waiting}>
      {what ? t("waiting.for", said) : t(begun ? "waiting.more" : "waiting.first", said)}
    </p>
  );
}

function useElapsed(since: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return now - since;
}
