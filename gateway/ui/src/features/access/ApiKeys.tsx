import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { lastDayOf } from "../../components/rules";
import styles from "./Access.module.css";
import { type ApiKey, useApiKeys, useRevokeKey } from "./access";
import { NewKeyDialog } from "./NewKeyDialog";

/** The API keys of the site, never the keys themselves. */
export function ApiKeys() {
  const { t } = useTranslation("access");
  const keys = useApiKeys();
  const [adding, setAdding] = useState(false);
  return (
    <section className={styles.section} aria-labelledby="api-keys">
      <div className={styles.head}>
        <h2 id="api-keys">{t("keys")}</h2>
        <Button onClick={() => setAdding(true)}>{t("add")}</Button>
      </div>
      {keys.isPending && <Skeleton lines={2} label={t("loading")} />}
      {keys.error && <ProblemNote problem={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && <p className={styles.note}>{t("keysNone")}</p>}
      {keys.data && keys.data.items.length > 0 && (
        <ul>
          {keys.data.items.map((key) => (
            <KeyRow key={key.id} row={key} />
          ))}
        </ul>
      )}
      {adding && <NewKeyDialog onClose={() => setAdding(false)} />}
    </section>
  );
}

function KeyRow({ row }: { row: ApiKey }) {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation("common");
  const revoke = useRevokeKey(row.id);
  const [asking, setAsking] = useState(false);
  const facts = [
    row.roles.map((role) => t(`role.${role}`)).join(", "),
    row.ends_at ? t("ends", { day: lastDayOf(row.ends_at) }) : t("noEnd"),
    row.ip_rules.length > 0 ? t("fromOf", { rules: row.ip_rules.join(", ") }) : t("anywhere"),
  ];
  return (
    <li className={styles.row} aria-label={row.id}>
      <div>
        <h3>{row.id}</h3>
        <p className={styles.note}>{facts.join(" · ")}</p>
        {row.provisioned && <p className={styles.note}>{t("provisioned")}</p>}
      </div>
      {!row.provisioned && (
        <Button kind="danger" onClick={() => setAsking(true)} aria-label={t("revokeOf", { name: row.id })}>
          {t("revoke")}
        </Button>
      )}
      {asking && (
        <Dialog title={t("revokeTitle", { name: row.id })} onClose={() => setAsking(false)}>
          <p>{t("revokeSay")}</p>
          {revoke.error && <ProblemNote problem={revoke.error} />}
          <div className={styles.send}>
            <Button onClick={() => setAsking(false)}>{common("cancel")}</Button>
            <Button
              kind="danger"
              disabled={revoke.isPending}
              onClick={() => revoke.mutate(undefined, { onSuccess: () => setAsking(false) })}
            >
              {t("revokeIt")}
            </Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}
