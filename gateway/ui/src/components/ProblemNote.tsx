import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/problem";
import { Button } from "./Button";
import styles from "./ProblemNote.module.css";

interface Props {
  problem: Problem;
  /** The one button. Absent where nothing on this page can help. */
  onRetry?: (() => void) | undefined;
  /** What the button says; "Try again" unless told. */
  retryLabel?: string;
  children?: ReactNode;
}

/** A failure, shown where it happened: whose fault by the rule at its left and in words, one sentence, one button. */
export function ProblemNote({ problem, onRetry, retryLabel, children }: Props) {
  const { t } = useTranslation("common");
  const secondsLeft = useCountdown(problem);
  const waiting = secondsLeft > 0;
  const label = retryLabel ?? t("tryAgain");
  return (
    <section className={styles.note} data-fault={problem.fault} data-code={problem.code} aria-label={problem.title}>
      <p className={styles.whose}>{t(`fault.${problem.fault}`, { provider: problem.provider ?? t("theProvider") })}</p>
      <p role="alert">
        <strong>{withStop(problem.title)}</strong> {problem.action}
      </p>
      {children}
      <div className={styles.foot}>
        {onRetry && (
          <Button onClick={onRetry} disabled={waiting}>
            {waiting ? t("tryAgainIn", { label, seconds: secondsLeft }) : label}
          </Button>
        )}
        {problem.requestId && (
          <span className={styles.request}>
            {t("request")} <code>{problem.requestId}</code>
          </span>
        )}
      </div>
    </section>
  );
}

/** Seconds left of what the provider asked for; it ticks once a second and stops at 0. */
function useCountdown({ retryAfterSeconds, at }: Problem): number {
  const left = () => (retryAfterSeconds ? Math.max(0, Math.ceil(retryAfterSeconds - (Date.now() - at) / 1000)) : 0);
  const [seconds, setSeconds] = useState(left);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `left` is made of the two values that are listed
  useEffect(() => {
    setSeconds(left());
    if (left() === 0) return;
    const timer = setInterval(() => {
      setSeconds(left());
      if (left() === 0) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [retryAfterSeconds, at]);
  return seconds;
}

function withStop(title: string): string {
  return /[.!?…。]$/.test(title) ? title : `${title}.`;
}
