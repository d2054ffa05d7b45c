import type { NewLink, Provider } from "./links";

export type Grant = NewLink["credential_kind"];

/** The form as typed. */
export interface Draft {
  id: string;
  title: string;
  grant: Grant;
  clientID: string;
  clientSecret: string;
  token: string;
  settings: Record<string, string>;
}

/** A form with what can be known before anybody types: a free name, and the client id that we propose. */
export function emptyDraft(provider: Provider, taken: readonly string[] = []): Draft {
  let id = provider.name;
  for (let n = 2; taken.includes(id); n++) id = `${provider.name}-${n}`;
  return {
    id,
    title: "",
    grant: provider.grants[0] ?? "authorization_code",
    clientID: provider.client_id ?? "",
    clientSecret: "",
    token: "",
    settings: Object.fromEntries(provider.settings.map((s) => [s.name, ""])),
  };
}

/** What can be said before asking the gateway: a problem's name in the catalogue, by field. The gateway checks again. */
export function mistakes(draft: Draft, provider: Provider): Record<string, "required" | "id" | "pattern"> {
  const wrong: Record<string, "required" | "id" | "pattern"> = {};
  if (!draft.id) wrong.id = "required";
  else if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(draft.id)) wrong.id = "id";
  for (const setting of provider.settings) {
    const value = draft.settings[setting.name]?.trim() ?? "";
    const field = `settings.${setting.name}`;
    if (!value && setting.required) wrong[field] = "required";
    else if (value && setting.pattern && !fits(value, setting.pattern)) wrong[field] = "pattern";
  }
  if (draft.grant === "bearer" && !draft.token) wrong.token = "required";
  if (draft.grant !== "bearer" && !draft.clientID) wrong.client_id = "required";
  if (draft.grant === "client_credentials" && !draft.clientSecret) wrong.client_secret = "required";
  return wrong;
}

/** A template of the provider's with the settings as typed; null while one is missing. */
export function filled(template: string, draft: Draft, provider: Provider): string | null {
  let missing = false;
  const text = template.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = draft.settings[name]?.trim() || provider.settings.find((s) => s.name === name)?.default || "";
    if (!value) missing = true;
    return value || `{${name}}`;
  });
  return missing ? null : text;
}

/** Patterns come from a connector's Spec, are of the whole value, and are Go's; one that JavaScript cannot read is left to the gateway. */
function fits(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true;
  }
}

/** What is sent: empty fields are left out, secrets only where the kind of credential has them. */
export function newLink(draft: Draft, provider: Provider): NewLink {
  const settings = Object.entries(draft.settings)
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([, value]) => value);
  const link: NewLink = {
    id: draft.id,
    provider: provider.name,
    settings: Object.fromEntries(settings),
    credential_kind: draft.grant,
  };
  if (draft.title.trim()) link.title = draft.title.trim();
  if (draft.grant === "bearer") return { ...link, token: draft.token.trim() };
  link.client_id = draft.clientID.trim();
  if (draft.clientSecret) link.client_secret = draft.clientSecret.trim();
  return link;
}
