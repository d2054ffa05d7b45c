import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client";
import { Problem } from "../../api/problem";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Attachments.module.css";
import { useThreadTools } from "./ThreadContext";

type Looked = { state: "loading" } | { state: "shown" } | { state: "failed"; problem: Problem };

/**
 * Preview loads a picture in place. An <img> does not say why it failed, so a failure asks the
 * gateway; an expired handle is renewed once, silently, by fetching the parts again.
 */
export function Preview({ handle, name }: { handle: string; name: string }) {
  const { t } = useTranslation("conversation");
  const { renew } = useThreadTools();
  const [looked, setLooked] = useState<Looked>({ state: "loading" });
  const [attempt, setAttempt] = useState(0);
  const renewed = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a fresh handle is a fresh start
  useEffect(() => setLooked({ state: "loading" }), [handle]);

  const ask = async () => {
    const problem = await problemOfMedia(handle);
    if (problem.code !== "handle_expired" || renewed.current) return setLooked({ state: "failed", problem });
    renewed.current = true;
    renew();
  };
  const retry = () => {
    setLooked({ state: "loading" });
    setAttempt(attempt + 1);
  };
  if (looked.state === "failed") return <ProblemNote problem={looked.problem} onRetry={retry} />;
  return (
    <>
      {looked.state === "loading" && <p className={styles.loading}>{t("file.loading", { name })}</p>}
      <img
        key={`${handle} ${attempt}`}
        className={styles.picture}
        src={`/api/v1/media/${handle}`}
        alt={name}
        decoding="async"
        referrerPolicy="no-referrer"
        onLoad={() => setLooked({ state: "shown" })}
        onError={() => void ask()}
      />
    </>
  );
}

async function problemOfMedia(handle: string): Promise<Problem> {
  try {
    const answer = await call(`/api/v1/media/${handle}`, { accept: "*/*" });
    await answer.body?.cancel();
    return Problem.unreadable(answer.status, answer.headers.get("X-Request-Id"));
  } catch (cause) {
    return cause instanceof Problem ? cause : Problem.unreachable();
  }
}
