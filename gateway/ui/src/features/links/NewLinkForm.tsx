import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/CopyButton";
import { Field, Tick } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import type { NewLink, Provider } from "./links";
import styles from "./NewLinkForm.module.css";
import { type Draft, emptyDraft, filled, mistakes, newLink } from "./newLink";
import { OwnerPage } from "./OwnerPage";
import { type Setting, SettingField } from "./SettingField";

interface Props {
  provider: Provider;
  /** Names that other links have. */
  taken: readonly string[];
  problem: Problem | null;
  busy: boolean;
  onSave: (link: NewLink) => void;
}

/** The form that a connector's Spec describes: nothing here knows a provider. */
export function NewLinkForm({ provider, taken, problem, busy, onSave }: Props) {
  const { t } = useTranslation("links");
  const [draft, setDraft] = useState(() => emptyDraft(provider, taken));
  const [checked, setChecked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const all = mistakes(draft, provider);
  // As typed: what is there and looks wrong is said at once; what is not there yet, when it is sent.
  const wrong = checked ? all : Object.fromEntries(Object.entries(all).filter(([, mistake]) => mistake !== "required"));
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
        {draft.grant !== "bearer" && provider.register && <Register provider={provider} draft={draft} />}
        {draft.grant === "authorization_code" && provider.redirect_uri && !provider.register && (
          <Redirect uri={provider.redirect_uri} />
        )}
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
      <fieldset>
        <legend>{t("form.here")}</legend>
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
      <Reach provider={provider} />
      {provider.owner_page && (
        <OwnerPage
          provider={provider.title}
          text={filled(provider.owner_page, draft, provider) ?? provider.owner_page}
        />
      )}
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

/** What to enter in the provider's own screen, each value to be copied as it stands, and the way there. */
function Register({ provider, draft }: { provider: Provider; draft: Draft }) {
  const { t } = useTranslation("links");
  const where = provider.register_url && filled(provider.register_url, draft, provider);
  return (
    <div className={styles.register}>
      <p>{t("form.register", { provider: provider.title })}</p>
      <dl className={styles.values}>
        {provider.register?.map((entry) => (
          <div key={entry.label}>
            <dt>{entry.label}</dt>
            <dd>
              <code>{entry.value}</code>
              <CopyButton bare text={entry.value} label={t("form.copyValue", { label: entry.label })} />
            </dd>
          </div>
        ))}
      </dl>
      {where ? (
        <a className={styles.there} href={where} target="_blank" rel="noopener noreferrer">
          {t("form.goThere", { provider: provider.title })}
        </a>
      ) : (
        <p className={styles.later}>{t("form.goLater")}</p>
      )}
    </div>
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
