import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Code, Problem } from "../../api/problem";
import { Button } from "../../components/Button";
import { ProblemNote } from "../../components/ProblemNote";

type Remedy = "retry" | "signIn" | "administrator" | "back";

/** What helps against each code of the contract; a code without its line does not compile. */
const remedies: Record<Code, Remedy> = {
  bad_request: "back",
  unauthenticated: "signIn",
  not_allowed: "administrator",
  cross_site: "back",
  not_found: "back",
  handle_expired: "retry",
  cursor_expired: "retry",
  bad_range: "retry",
  not_recognised: "back",
  too_many: "retry",
  needs_reconnect: "administrator",
  missing_scope: "administrator",
  not_licensed: "administrator",
  paused: "administrator",
  gone: "back",
  rate_limited: "retry",
  provider_down: "retry",
  provider_cut: "retry",
  provider_nonsense: "retry",
  host_refused: "administrator",
  provider_slow: "retry",
  internal: "retry",
  audit_unavailable: "retry",
  overloaded: "retry",
  stopping: "retry",
};

type Props = {
  problem: Problem;
  /** The interaction as refs and ids, for whoever is asked to help. */
  name: string;
  onRetry: () => void;
  /** Leads to the start page, with its paste box. */
  onStart: (() => void) | undefined;
};

/** Why no more will come, and the one thing that can help. */
export function Stopped({ problem, name, onRetry, onStart }: Props) {
  const { t } = useTranslation("conversation");
  const remedy = remedies[problem.code as Code] ?? "retry"; // what only a browser finds out can be tried again
  if (remedy === "administrator") return <AskAdministrator problem={problem} name={name} onRetry={onRetry} />;
  if (remedy === "back") return <ProblemNote problem={problem} onRetry={onStart} retryLabel={t("stopped.back")} />;
  // Asking again without a sign-in opens it over the page; afterwards the stream goes on here.
  if (remedy === "signIn") return <ProblemNote problem={problem} onRetry={onRetry} retryLabel={t("stopped.signIn")} />;
  return <ProblemNote problem={problem} onRetry={onRetry} />;
}

/** Copies what an administrator needs to know: code, ref and request id, never a word of the customer's. */
function AskAdministrator({ problem, name, onRetry }: Omit<Props, "onStart">) {
  const { t } = useTranslation(["conversation", "common"]);
  const [said, setSaid] = useState<"copied" | "failed">();
  const words = [problem.title, problem.code, name, problem.requestId && `${t("common:request")} ${problem.requestId}`]
    .filter(Boolean)
    .join(" · ");
  const ask = () => {
    const write = async () => navigator.clipboard.writeText(words);
    write().then(
      () => setSaid("copied"),
      () => setSaid("failed"),
    );
  };
  return (
    <ProblemNote problem={problem} onRetry={ask} retryLabel={t("stopped.ask")}>
      <p role="status">{said && t(`stopped.${said}`)}</p>
      {said === "failed" && <code>{words}</code>}
      <div>
        <Button kind="bare" onClick={onRetry}>
          {t("common:tryAgain")}
        </Button>
      </div>
    </ProblemNote>
  );
}
