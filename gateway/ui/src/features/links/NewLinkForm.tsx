import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/CopyButton";
import { Field, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import type { NewLink, Provider } from "./links";
import styles from "./NewLinkForm.module.css";
import { type Draft, emptyDraft, mistakes, newLink } from "./newLink";
import { type Setting, SettingField } from "./SettingField";

interface Props {
  provider: Provider;
  problem: Problem | null;
  busy: boolean;
  onSave: (link: NewLink) => void;
}

/** The form that a connector's Spec describes: nothing here knows a provider. */
export function NewLinkForm({ provider, problem, busy, onSave }: Props) {
  const { t } = useTranslation("links");
  const [draft, setDraft] = useState(() => emptyDraft(provider));
  const [checked, setChecked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const wrong = checked ? mistakes(draft, provider) : {};
  const change = (some: Partial<Draft>) => setDraft((d) => ({ ...d, ...some }));
  const errorOf = (field: string, example?: string) => {
    const mistake = wrong[field];
    if (mistake) return t(`form.mistake.${mistake}`, { example });
    return problem?.fields[field];
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(mistakes(draft, provider)).length === 0) return onSave(newLink(draft, provider));
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  };
  const settingError = (s: Setting) => errorOf(`settings.${s.name}`, s.example) ?? problem?.fields[s.name];
  const field = (setting: Setting) => (
    <SettingField
      key={setting.name}
      setting={setting}
      error={settingError(setting)}
      value={draft.settings[setting.name] ?? ""}
      onChange={(value) => change({ settings: { ...draft.settings, [setting.name]: value } })}
    />
  );
  const advanced = provider.settings.filter((s) => s.advanced);
  return (
    <form ref={form} className={styles.form} onSubmit={save} noValidate>
      <fieldset>
        <legend>{t("form.account", { provider: provider.title })}</legend>
        {provider.settings.filter((s) => !s.advanced).map(field)}
        <Field
          mono
          label={t("form.id")}
          help={t("form.idHelp")}
          error={errorOf("id")}
          maxLength={63}
          value={draft.id}
          onChange={(e) => change({ id: e.currentTarget.value })}
        />
        <Field
          label={t("form.optional", { title: t("form.title") })}
          help={t("form.titleHelp")}
          error={errorOf("title")}
          maxLength={100}
          value={draft.title}
          onChange={(e) => change({ title: e.currentTarget.value })}
        />
      </fieldset>
      <fieldset>
        <legend>{t("form.credential")}</legend>
        {provider.grants.length > 1 && (
          <div role="radiogroup" aria-label={t("form.credential")}>
            {provider.grants.map((grant) => (
              <Tick
                key={grant}
                type="radio"
                name="grant"
                label={t(`grant.${grant}.title`)}
                help={t(`grant.${grant}.help`, { provider: provider.title })}
                checked={draft.grant === grant}
                onChange={() => change({ grant })}
              />
            ))}
          </div>
        )}
        {draft.grant === "authorization_code" && provider.redirect_uri && <Redirect uri={provider.redirect_uri} />}
        <Secrets draft={draft} change={change} errorOf={errorOf} />
      </fieldset>
      {advanced.length > 0 && (
        <details className={styles.advanced} open={advanced.some(settingError) || undefined}>
          <summary>{t("form.advanced")}</summary>
          <fieldset>
            <legend>{t("form.advancedHelp", { provider: provider.title })}</legend>
            {advanced.map(field)}
          </fieldset>
        </details>
      )}
      <Reach provider={provider} />
      {problem && <ProblemNote problem={problem} />}
      <div className={styles.send}>
        <Button kind="primary" type="submit" disabled={busy}>
          {t(draft.grant === "authorization_code" ? "form.saveAndGo" : "form.saveAndTest", {
            provider: provider.title,
          })}
        </Button>
      </div>
    </form>
  );
}

function Redirect({ uri }: { uri: string }) {
  const { t } = useTranslation("links");
  return (
    <div>
      <p>{t("form.redirect")}</p>
      <div className={styles.uri}>
        <code>{uri}</code>
        <CopyButton text={uri} label={t("form.copyRedirect")} />
      </div>
    </div>
  );
}

interface SecretsProps {
  draft: Draft;
  change: (some: Partial<Draft>) => void;
  errorOf: (field: string) => string | undefined;
}

function Secrets({ draft, change, errorOf }: SecretsProps) {
  const { t } = useTranslation("links");
  if (draft.grant === "bearer") {
    return (
      <Field
        mono
        type="password"
        label={t("form.token")}
        help={t("form.sealed")}
        error={errorOf("token")}
        value={draft.token}
        onChange={(e) => change({ token: e.currentTarget.value })}
      />
    );
  }
  const publicClient = draft.grant === "authorization_code";
  const secret = t("form.clientSecret");
  return (
    <>
      <Field
        mono
        label={t("form.clientID")}
        error={errorOf("client_id")}
        value={draft.clientID}
        onChange={(e) => change({ clientID: e.currentTarget.value })}
      />
      <Field
        mono
        type="password"
        autoComplete="new-password"
        label={publicClient ? t("form.optional", { title: secret }) : secret}
        help={publicClient ? t("form.publicClient") : t("form.sealed")}
        error={errorOf("client_secret")}
        value={draft.clientSecret}
        onChange={(e) => change({ clientSecret: e.currentTarget.value })}
      />
    </>
  );
}

/** What the link may do and whom it talks to, before anybody agrees to it. */
function Reach({ provider }: { provider: Provider }) {
  const { t } = useTranslation("links");
  return (
    <fieldset>
      <legend>{t("form.reach")}</legend>
      <dl className={styles.facts}>
        {provider.scopes.map((scope) => (
          <div key={scope.name} style={{ display: "contents" }}>
            <dt>{scope.name}</dt>
            <dd>{scope.why}</dd>
          </div>
        ))}
        {provider.hosts.map((host) => (
          <div key={host.name} style={{ display: "contents" }}>
            <dt>{host.pattern}</dt>
            <dd>{t(host.credentials ? "form.hostSigned" : "form.hostUnsigned")}</dd>
          </div>
        ))}
      </dl>
    </fieldset>
  );
}
