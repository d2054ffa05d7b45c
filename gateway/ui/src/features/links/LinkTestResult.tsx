import { IconCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./LinkTestResult.module.css";
import type { LinkTest } from "./links";

/** What the self-test found: each check in words, and what to do about those that failed. */
export function LinkTestResult({ test, title }: { test: LinkTest; title: string }) {
  const { t } = useTranslation("links");
  const failed = test.checks.filter((c) => !c.ok).length;
  const sum =
    failed === 0 ? t("passed", { count: test.checks.length }) : t("failed", { count: failed, of: test.checks.length });
  return (
    <section className={styles.result} aria-label={t("resultOf", { title })}>
      <p role="status">
        <strong>{sum}</strong>
        {test.account && <> {t("accountIs", { account: test.account })}</>}
      </p>
      <ul className={styles.checks}>
        {test.checks.map((check) => (
          <li key={check.name} data-ok={check.ok}>
            {check.ok ? (
              <IconCheck size={16} stroke={2} aria-label={t("pass")} />
            ) : (
              <IconX size={16} stroke={2} aria-label={t("fail")} />
            )}
            <code>{check.name}</code>
            <span>
              {check.say}
              {check.fix && <span className={styles.fix}>{check.fix}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
