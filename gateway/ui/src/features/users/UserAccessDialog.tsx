import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import { endAfter, lastDayOf, readRules } from "../../components/rules";
import styles from "./Users.module.css";
import { type User, type UserChange, useChangeUser } from "./users";

/** Until when and from where one person may come in. */
export function UserAccessDialog({ user, isMe, onClose }: { user: User; isMe: boolean; onClose: () => void }) {
  const { t } = useTranslation("users");
  const { t: common } = useTranslation("common");
  const change = useChangeUser(user.id);
  const [day, setDay] = useState(lastDayOf(user.ends_at));
  const [rules, setRules] = useState(user.ip_rules.join(", "));
  const [release, setRelease] = useState(false);
  const wrong = change.error?.fields ?? {};
  const save = (event: FormEvent) => {
    event.preventDefault();
    const body: UserChange = { ip_rules: readRules(rules) };
    if (day !== lastDayOf(user.ends_at)) body.ends_at = endAfter(day);
    if (release) body.release_sso = true;
    change.mutate(body, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("accessOf", { name: user.name || user.login })} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <Field
          label={t("lastDay")}
          help={t(isMe ? "lastDayMe" : "lastDayHelp")}
          error={wrong.ends_at ?? wrong.roles}
          type="date"
          disabled={isMe}
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
        <Tick label={t("release")} help={t("releaseHelp")} checked={release} onChange={setRelease} />
        {change.error && <ProblemNote problem={change.error} />}
        <div className={styles.send}>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button kind="primary" type="submit" disabled={change.isPending}>
            {t("saveAccess")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
