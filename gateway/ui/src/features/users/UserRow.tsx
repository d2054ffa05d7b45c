import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import { lastDayOf } from "../../components/rules";
import { UserAccessDialog } from "./UserAccessDialog";
import styles from "./Users.module.css";
import { type Role, roles, type User, useChangeUser } from "./users";

/** One person: roles are ticked in place; everything takes effect at once, also for who is signed in. */
export function UserRow({ user, isMe }: { user: User; isMe: boolean }) {
  const { t } = useTranslation("users");
  const change = useChangeUser(user.id);
  const [access, setAccess] = useState(false);
  const active = user.status === "active";
  const name = user.name || user.login;
  const fixed = user.provisioned || change.isPending;
  const setRole = (role: Role, on: boolean) =>
    change.mutate({ roles: on ? [...user.roles, role] : user.roles.filter((r) => r !== role) });
  return (
    <li className={styles.row} data-status={user.status} aria-label={name}>
      <div className={styles.who}>
        <h2>
          {name} {isMe && <span className={styles.note}>{t("you")}</span>}
        </h2>
        <p className={styles.note}>
          {user.login}
          {!active && <> · {t("inactive")}</>}
          {user.ends_at && <> · {t("until", { day: lastDayOf(user.ends_at) })}</>}
          {user.ip_rules.length > 0 && <> · {t("from", { rules: user.ip_rules.join(", ") })}</>}
        </p>
        {user.provisioned && <p className={styles.note}>{t("provisioned")}</p>}
      </div>
      <fieldset className={styles.roles}>
        <legend className="visually-hidden">{t("rolesOf", { name })}</legend>
        {roles.map((role) => {
          const on = user.roles.includes(role);
          return (
            <Tick
              key={role}
              label={t(`role.${role}`)}
              checked={on}
              disabled={fixed || (on && user.roles.length === 1)}
              onChange={(checked) => setRole(role, checked)}
            />
          );
        })}
      </fieldset>
      <div className={styles.actions}>
        {!user.provisioned && (
          <Button onClick={() => setAccess(true)} aria-label={t("accessOf", { name })}>
            {t("access")}
          </Button>
        )}
        {!user.provisioned && (
          <Button
            kind={active ? "danger" : "plain"}
            disabled={change.isPending || isMe}
            onClick={() => change.mutate({ status: active ? "inactive" : "active" })}
            aria-label={t(active ? "deactivateOf" : "activateOf", { name })}
          >
            {t(active ? "deactivate" : "activate")}
          </Button>
        )}
      </div>
      {access && <UserAccessDialog user={user} isMe={isMe} onClose={() => setAccess(false)} />}
      {change.error && (
        <div className={styles.problem}>
          <ProblemNote problem={change.error} />
        </div>
      )}
    </li>
  );
}
