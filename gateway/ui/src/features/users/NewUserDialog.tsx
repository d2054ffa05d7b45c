import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Users.module.css";
import { type Role, roles, useAddUser } from "./users";

export function NewUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("users");
  const { t: common } = useTranslation("common");
  const add = useAddUser();
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<readonly Role[]>(["analyst"]);
  const wrong = add.error?.fields ?? {};
  const save = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { login: login.trim(), name: name.trim(), roles: [...chosen], ...(password ? { password } : {}) },
      { onSuccess: onClose },
    );
  };
  const tick = (role: Role, on: boolean) => setChosen((c) => (on ? [...c, role] : c.filter((r) => r !== role)));
  return (
    <Dialog title={t("addTitle")} onClose={onClose}>
      <form className={styles.form} onSubmit={save}>
        <Field
          label={t("login")}
          help={t("loginHelp")}
          error={wrong.login}
          required
          maxLength={320}
          autoCapitalize="none"
          data-autofocus
          value={login}
          onChange={(e) => setLogin(e.currentTarget.value)}
        />
        <Field
          label={t("name")}
          error={wrong.name}
          required
          maxLength={200}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <Field
          label={t("password")}
          help={t("passwordHelp")}
          error={wrong.password}
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
        <fieldset>
          <legend className={styles.legend}>{t("roles")}</legend>
          {roles.map((role) => (
            <Tick
              key={role}
              label={t(`role.${role}`)}
              help={t(`roleHelp.${role}`)}
              checked={chosen.includes(role)}
              onChange={(on) => tick(role, on)}
            />
          ))}
        </fieldset>
        {add.error && <ProblemNote problem={add.error} />}
        <div className={styles.send}>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button kind="primary" type="submit" disabled={add.isPending || chosen.length === 0}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
