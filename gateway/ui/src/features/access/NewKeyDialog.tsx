import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/problem";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/CopyButton";
import { Dialog } from "../../components/Dialog";
import { Field, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import { endAfter, readRules } from "../../components/rules";
import styles from "./Access.module.css";
import { type ApiKeyMade, useAddKey } from "./access";

const roles: readonly Schemas["Role"][] = ["analyst", "team_leader", "agent", "administrator"];

/** Makes a key, then shows it: this once. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation("common");
  const add = useAddKey();
  const [id, setID] = useState("");
  const [chosen, setChosen] = useState<readonly Schemas["Role"][]>(["analyst"]);
  const [day, setDay] = useState("");
  const [rules, setRules] = useState("");
  if (add.data) return <MadeKey made={add.data} onClose={onClose} />;
  const wrong = add.error?.fields ?? {};
  const make = (event: FormEvent) => {
    event.preventDefault();
    const until = day ? { ends_at: endAfter(day) } : {};
    add.mutate({ id: id.trim(), roles: [...chosen], ip_rules: readRules(rules), ...until });
  };
  return (
    <Dialog title={t("addTitle")} onClose={onClose}>
      <form className={styles.form} onSubmit={make}>
        <Field
          label={t("name")}
          help={t("nameHelp")}
          error={wrong.id}
          required
          maxLength={63}
          autoCapitalize="none"
          data-autofocus
          value={id}
          onChange={(e) => setID(e.currentTarget.value)}
        />
        <fieldset>
          <legend className={styles.legend}>{t("roles")}</legend>
          {roles.map((role) => (
            <Tick
              key={role}
              label={t(`role.${role}`)}
              checked={chosen.includes(role)}
              onChange={(on) => setChosen((c) => (on ? [...c, role] : c.filter((r) => r !== role)))}
            />
          ))}
        </fieldset>
        <Field
          label={t("lastDay")}
          help={t("lastDayHelp")}
          error={wrong.ends_at}
          type="date"
          value={day}
          onChange={(e) => setDay(e.currentTarget.value)}
        />
        <Field
          label={t("rules")}
          help={t("rulesHelp")}
          error={wrong.ip_rules}
          mono
          value={rules}
          onChange={(e) => setRules(e.currentTarget.value)}
        />
        {add.error && <ProblemNote problem={add.error} />}
        <div className={styles.send}>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button kind="primary" type="submit" disabled={add.isPending || chosen.length === 0}>
            {t("make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function MadeKey({ made, onClose }: { made: ApiKeyMade; onClose: () => void }) {
  const { t } = useTranslation("access");
  return (
    <Dialog title={t("madeTitle", { name: made.api_key.id })} firm onClose={onClose}>
      <div className={styles.form}>
        <p>{t("madeSay")}</p>
        <code className={styles.secret}>{made.key}</code>
        <div className={styles.send}>
          <CopyButton text={made.key} label={t("copyKey")} />
          <Button kind="primary" onClick={onClose}>
            {t("done")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
