import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")} say={t("notFound.say")}>
      <p>
        <Link to="/">{t("notFound.start")}</Link>
      </p>
    </Page>
  );
}

/** A page that failed to render: our fault, said in the way every failure is. */
export function BrokenPage({ problem, onRetry }: { problem: Problem | undefined; onRetry: () => void }) {
  const { t } = useTranslation();
  const shown =
    problem ??
    new Problem({
      status: 0,
      code: "unreadable",
      fault: "gateway",
      title: t("broken.title"),
      action: t("broken.action"),
    });
  return (
    <Page title={t("broken.page")}>
      <ProblemNote problem={shown} onRetry={onRetry} />
    </Page>
  );
}
