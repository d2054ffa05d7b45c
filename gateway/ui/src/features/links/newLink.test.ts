import { expect, test } from "vitest";
import type { Provider } from "./links";
import { emptyDraft, filled, mistakes, newLink } from "./newLink";

const zendesk: Provider = {
  name: "zendesk",
  title: "Zendesk",
  kinds: ["ticket"],
  grants: ["authorization_code", "client_credentials", "bearer"],
  settings: [
    {
      name: "subdomain",
      title: "Subdomain",
      help: "",
      required: true,
      pattern: "[a-z0-9-]+",
      options: [],
      advanced: false,
    },
    { name: "brand", title: "Brand", help: "", required: false, options: [], advanced: false },
  ],
  scopes: [],
  hosts: [],
};
const complete = { ...emptyDraft(zendesk), id: "zd", clientID: "c1", settings: { subdomain: " acme ", brand: "" } };
const draftOf = (subdomain: string) => ({ ...complete, settings: { subdomain } });

test("an empty form says what is needed", () => {
  expect(mistakes(emptyDraft(zendesk), zendesk)).toEqual({
    "settings.subdomain": "required",
    client_id: "required",
  });
});

test("what can be known is filled in: a free name, the proposed client id, the provider's pages", () => {
  const proposing = { ...zendesk, client_id: "sightglass" };
  expect(emptyDraft(proposing, ["zendesk", "zendesk-2"])).toMatchObject({ id: "zendesk-3", clientID: "sightglass" });
  expect(filled("https://{subdomain}.zendesk.com/x", draftOf("acme"), zendesk)).toBe("https://acme.zendesk.com/x");
  expect(filled("https://{subdomain}.zendesk.com/x", draftOf(" "), zendesk)).toBeNull();
});

test.each([
  ["", "required"],
  ["-zd", "id"],
  ["Zd", "id"],
  ["z".repeat(64), "id"],
  ["zd-2", undefined],
])("short name %s: %s", (id, want) => {
  expect(mistakes({ ...complete, id }, zendesk).id).toBe(want);
});

test("a setting is held against the Spec's pattern; one that JavaScript cannot read is left to the gateway", () => {
  const draft = { ...complete, settings: { subdomain: "Acme!", brand: "" } };
  expect(mistakes(draft, zendesk)).toEqual({ "settings.subdomain": "pattern" });
  const goOnly = { ...zendesk, settings: [{ ...zendesk.settings[0], pattern: "(?i)^acme$" }] } as Provider;
  expect(mistakes(draft, goOnly)).toEqual({});
});

test("what is sent has no empty fields and no secret of another kind of credential", () => {
  const draft = { ...complete, token: "left over", clientSecret: "" };
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
