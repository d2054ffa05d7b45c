import { useQueries } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Receipt.module.css";
import type { Interaction } from "./store";
import { useThreadTools } from "./ThreadContext";

type AuditRow = Schemas["AuditRow"];

/** While parts arrive, a badge that they come live; at the end what it cost, and all that is kept of it. */
export function Receipt({ interaction }: { interaction: Interaction }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  const { progress, thread } = interaction;
  if (progress.state === "left" || (progress.state !== "ended" && !thread.header)) return null;
  return (
    <section className={styles.receipt} aria-label={t("receipt.title")} data-state={progress.state}>
      {progress.state === "ended" ? (
        <Cost progress={progress} />
      ) : (
        <p className={styles.badge} data-live={progress.state !== "problem" || undefined}>
          {progress.state === "problem" ? t("receipt.stopped") : t("receipt.live", { provider })}
        </p>
      )}
      {thread.opens.length > 0 && (progress.state === "ended" || progress.state === "problem") && (
        <Kept opens={thread.opens} />
      )}
    </section>
  );
}

/** The same in one line, for screens on which the rail is a press away. */
export function ShortReceipt({ interaction: { progress, thread } }: { interaction: Interaction }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  if (progress.state === "ended") {
    return `${t("receipt.partsOf", { count: progress.end.parts })} · ${t("receipt.requestsOf", { count: progress.end.provider_requests })}`;
  }
  if (!thread.header) return null;
  return progress.state === "problem" ? t("receipt.stopped") : t("receipt.live", { provider });
}

function Cost({ progress: { end } }: { progress: Extract<Interaction["progress"], { state: "ended" }> }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  return (
    <dl className={styles.cost}>
      <dt>{t("receipt.parts")}</dt>
      <dd>{end.parts}</dd>
      <dt>{t("receipt.requests", { provider })}</dt>
      <dd>{end.provider_requests}</dd>
      <dt>{t("receipt.first")}</dt>
      <dd>{end.first_message_ms === undefined ? t("receipt.none") : t("receipt.ms", { ms: end.first_message_ms })}</dd>
    </dl>
  );
}

/** The claim and its proof: the audit rows of this open, word for word. */
function Kept({ opens }: { opens: readonly string[] }) {
  const { t } = useTranslation("conversation");
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" className={styles.keep} aria-expanded={shown} onClick={() => setShown(!shown)}>
        <span>{t("receipt.keep")}</span>
        <span className={styles.line}>{t("receipt.oneLine")}</span>
      </button>
      {shown && <AuditRows opens={opens} />}
    </>
  );
}

function AuditRows({ opens }: { opens: readonly string[] }) {
  const { t } = useTranslation("conversation");
  const asked = useQueries({
    queries: opens.map((open) => ({
      queryKey: ["audit", "open", open],
      queryFn: ({ signal }: { signal: AbortSignal }) => rowsOf(open, signal),
    })),
  });
  const problem = asked.find((one) => one.error)?.error as Problem | undefined;
  if (problem) return <ProblemNote problem={problem} onRetry={() => asked.forEach((one) => void one.refetch())} />;
  if (asked.some((one) => one.isPending)) return <p className={styles.words}>{t("receipt.loading")}</p>;
  const rows = asked.flatMap((one) => one.data ?? []).sort((a, b) => a.seq - b.seq);
  if (rows.length === 0) return <p className={styles.words}>{t("receipt.noRows")}</p>;
  return (
    <>
      <p className={styles.words}>{t("receipt.words")}</p>
      <ol className={styles.rows} aria-label={t("receipt.rows", { count: rows.length })}>
        {rows.map((row) => (
          <li key={row.seq}>
            <AuditRowWords row={row} />
          </li>
        ))}
      </ol>
    </>
  );
}

function AuditRowWords({ row }: { row: AuditRow }) {
  return (
    <dl className={styles.row}>
      {Object.entries(row).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name} </dt>
          <dd>
            {typeof value === "object" ? JSON.stringify(value).replace(/([,:])(?=["\d])/g, "$1 ") : String(value)}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

async function rowsOf(open: string, signal: AbortSignal): Promise<AuditRow[]> {
  const rows = await callJSON<Schemas["AuditRows"]>(`/api/v1/audit?open=${encodeURIComponent(open)}`, { signal });
  return rows.items;
}
