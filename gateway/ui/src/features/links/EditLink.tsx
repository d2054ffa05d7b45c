import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./Links.module.css";
import { type Link, useLinkActions, useProviders } from "./links";
import { type Setting, SettingField } from "./SettingField";

/** Corrects a link: its settings and what it signs in with. Another account has to be connected again. */
export function EditLink({ link, onClose }: { link: Link; onClose: () => void }) {
  const { t } = useTranslation("links");
  const { t: common } = useTranslation("common");
  const { change } = useLinkActions(link.id);
  const provider = useProviders().data?.items.find((p) => p.name === link.provider);
  const [settings, setSettings] = useState<Record<string, string>>(link.settings ?? {});
  const [clientID, setClientID] = useState(link.client_id ?? "");
  const [secret, setSecret] = useState("");
  const bearer = link.credential_kind === "bearer";
  const save = (event: FormEvent) => {
    event.preventDefault();
    const filledIn = Object.entries(settings).map(([name, value]) => [name, value.trim()] as const);
    const same = filledIn.every(([name, value]) => (link.settings?.[name] ?? "") === value);
    const kept = Object.fromEntries(filledIn.filter(([, value]) => value));
    change.mutate(
      {
        ...(same ? {} : { settings: kept }),
        ...(!bearer && clientID.trim() !== (link.client_id ?? "") ? { client_id: clientID.trim() } : {}),
        ...(secret.trim() ? { [bearer ? "token" : "client_secret"]: secret.trim() } : {}),
      },
      { onSuccess: onClose },
    );
  };
  const settingError = (setting: Setting) => change.error?.fields[`settings.${setting.name}`];
  const field = (setting: Setting) => (
    <SettingField
      key={setting.name}
      setting={setting}
      value={settings[setting.name] ?? ""}
      error={settingError(setting)}
      onChange={(value) => setSettings((now) => ({ ...now, [setting.name]: value }))}
    />
  );
  const advanced = provider?.settings.filter((s) => s.advanced) ?? [];
  return (
    <Dialog title={t("edit.title", { title: link.title || link.provider_title })} onClose={onClose}>
      <form className={styles.edit} onSubmit={save} noValidate>
        {provider?.settings.filter((s) => !s.advanced).map(field)}
        {advanced.length > 0 && (
          <details open={advanced.some((s) => settingError(s)) || undefined}>
            <summary>{t("form.advanced")}</summary>
            {advanced.map(field)}
          </details>
        )}
        {!bearer && (
          <Field
            mono
            label={t("form.clientID")}
            error={change.error?.fields.client_id}
            value={clientID}
            onChange={(e) => setClientID(e.currentTarget.value)}
          />
        )}
        <Field
          mono
          type="password"
          autoComplete="new-password"
          label={t(bearer ? "form.token" : "form.clientSecret")}
          help={t("edit.secret")}
          error={change.error?.fields[bearer ? "token" : "client_secret"]}
          value={secret}
          onChange={(e) => setSecret(e.currentTarget.value)}
        />
        {change.error && Object.keys(change.error.fields).length === 0 && <ProblemNote problem={change.error} />}
        <div className={styles.answer}>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button kind="primary" type="submit" disabled={change.isPending}>
            {t("edit.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
