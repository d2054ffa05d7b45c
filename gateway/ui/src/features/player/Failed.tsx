import { useTranslation } from "react-i18next";
import { Problem, type ProblemCode } from "../../api/problem";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Dock.module.css";
import { usePlayer } from "./PlayerProvider";
import type { Unheard } from "./player";
import { Chooser } from "./Spoken";

/** Nothing that one can press here helps: the recording is gone, or somebody has to change a right first. */
const final: readonly ProblemCode[] = ["gone", "not_found", "not_allowed", "host_refused"];

const named = [
  "gone",
  "not_found",
  "handle_expired",
  "not_allowed",
  "missing_scope",
  "not_licensed",
  "needs_reconnect",
  "paused",
  "host_refused",
  "rate_limited",
  "too_many",
  "provider_down",
  "provider_slow",
  "provider_cut",
  "provider_nonsense",
  "unreachable",
] as const;
type Named = (typeof named)[number];

const isNamed = (code: ProblemCode): code is Named => (named as readonly string[]).includes(code);

/** In the dock, where the waveform was: what of the audio failed, whose fault it is, and what can be done. */
export function Failed({ problem, onRetry }: { problem: Problem | Unheard; onRetry: () => void }) {
  const { t } = useTranslation("player");
  const { calls } = usePlayer().shown;
  const shown =
    typeof problem === "string"
      ? new Problem({
          status: 0,
          code: "unreadable",
          fault: "request",
          title: t(`${problem}.title`),
          action: t(`${problem}.action`),
        })
      : problem;
  const heading =
    typeof problem !== "string" && isNamed(problem.code) ? t(`screen.${problem.code}`) : t("screen.other");
  return (
    <div className={styles.failed}>
      <div>
        {calls.length > 1 && <Chooser />}
        <h2>{heading}</h2>
        <p className={styles.stays}>{t("stays")}</p>
      </div>
      <ProblemNote problem={shown} onRetry={final.includes(shown.code) ? undefined : onRetry} />
    </div>
  );
}
