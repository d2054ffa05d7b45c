import { expect, test } from "vitest";
import type { Provider } from "./links";
import { emptyDraft, mistakes, newLink } from "./newLink";

const zendesk: Provider = {
  name: "zendesk",
  title: "Zendesk",
  kinds: ["ticket"],
  grants: ["authorization_code", "client_credentials", "bearer"],
  settings: [
    { name: "subdomain", title: "Subdomain", help: "", required: true, pattern: "^[a-z0-9-]+$" },
    { name: "brand", title: "Brand", help: "", required: false },
  ],
  scopes: [],
  hosts: [],
};
const filled = { ...emptyDraft(zendesk), id: "zd", clientID: "c1", settings: { subdomain: " acme ", brand: "" } };

test("an empty form says what is needed", () => {
  expect(mistakes(emptyDraft(zendesk), zendesk)).toEqual({
    id: "required",
    "settings.subdomain": "required",
    client_id: "required",
  });
});

test.each([
  ["-zd", "id"],
  ["Zd", "id"],
  ["z".repeat(64), "id"],
  ["zd-2", undefined],
])("short name %s: %s", (id, want) => {
  expect(mistakes({ ...filled, id }, zendesk).id).toBe(want);
});

test("a setting is held against the Spec's pattern; one that JavaScript cannot read is left to the gateway", () => {
  const draft = { ...filled, settings: { subdomain: "Acme!", brand: "" } };
  expect(mistakes(draft, zendesk)).toEqual({ "settings.subdomain": "pattern" });
  const goOnly = { ...zendesk, settings: [{ ...zendesk.settings[0], pattern: "(?i)^acme$" }] } as Provider;
  expect(mistakes(draft, goOnly)).toEqual({});
});

test("what is sent has no empty fields and no secret of another kind of credential", () => {
  const draft = { ...filled, token: "left over", clientSecret: "" };
  expect(newLink(draft, zendesk)).toEqual({
    id: "zd",
    provider: "zendesk",
    settings: { subdomain: "acme" },
    credential_kind: "authorization_code",
    client_id: "c1",
  });
  expect(newLink({ ...draft, grant: "bearer", clientSecret: "s" }, zendesk)).toMatchObject({ token: "left over" });
  expect(newLink({ ...draft, grant: "bearer", clientSecret: "s" }, zendesk)).not.toHaveProperty("client_secret");
});
