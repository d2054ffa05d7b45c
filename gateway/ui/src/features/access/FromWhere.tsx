import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import { readRules } from "../../components/rules";
import styles from "./Access.module.css";
import { type Site, useChangeSite } from "./access";

/** The site's IP rule. */
export function FromWhere({ site }: { site: Site }) {
  const { t } = useTranslation("access");
  const change = useChangeSite();
  const [typed, setTyped] = useState(site.ip_rules.join(", "));
  return (
    <section className={styles.section} aria-labelledby="from-where">
      <h2 id="from-where">{t("from")}</h2>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ ip_rules: readRules(typed) }, { onSuccess: (s) => setTyped(s.ip_rules.join(", ")) });
        }}
      >
        <Field
          label={t("rules")}
          help={
            <>
              {t("rulesHelp")} {t("yourAddress", { address: site.your_address })}
            </>
          }
          error={change.error?.fields?.ip_rules}
          mono
          disabled={site.provisioned}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
        {change.error && <ProblemNote problem={change.error} />}
        {site.provisioned ? (
          <p className={styles.note}>{t("provisioned")}</p>
        ) : (
          <Button type="submit" disabled={change.isPending}>
            {t("save")}
          </Button>
        )}
        <p role="status" className={styles.note}>
          {change.isSuccess && t("saved")}
        </p>
      </form>
    </section>
  );
}
