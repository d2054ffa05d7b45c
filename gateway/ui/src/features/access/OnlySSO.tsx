import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Choice, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Access.module.css";
import { type Site, useAdministrators, useChangeSite } from "./access";

/** Whether the company's provider is the only way in, and who may break the glass. */
export function OnlySSO({ site }: { site: Site }) {
  const { t } = useTranslation("access");
  const change = useChangeSite();
  const people = useAdministrators().data?.items ?? [];
  const [only, setOnly] = useState(site.sso_only);
  const [who, setWho] = useState(site.break_glass ?? "");
  const fixed = site.provisioned || !site.has_sso;
  const administrators = people.filter((u) => u.roles.includes("administrator") && u.status === "active" && !u.ends_at);
  return (
    <section className={styles.section} aria-labelledby="single-sign-on">
      <h2 id="single-sign-on">{t("door")}</h2>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ sso_only: only, break_glass: who });
        }}
      >
        <Tick label={t("ssoOnly")} help={t("ssoOnlyHelp")} checked={only} disabled={fixed} onChange={setOnly} />
        <Choice
          label={t("breakGlass")}
          help={change.error?.fields?.break_glass ?? t("breakGlassHelp")}
          disabled={fixed}
          value={who}
          options={[
            { value: "", label: t("nobody") },
            ...administrators.map((u) => ({ value: u.id, label: u.name || u.login })),
          ]}
          onChange={(e) => setWho(e.currentTarget.value)}
        />
        {change.error && <ProblemNote problem={change.error} />}
        {fixed ? (
          <p className={styles.note}>{t(site.has_sso ? "provisioned" : "noSso")}</p>
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
