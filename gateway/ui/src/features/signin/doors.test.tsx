import { readFileSync } from "node:fs";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { fakeGateway, json } from "../../testing/gateway";
import { show } from "../../testing/render";
import { Doors } from "./Doors";
import { en } from "./en";
import { Refused } from "./Refused";

const okta = { site: "main", id: "okta", title: "Okta" };

test("every reason of the gateway has words of its own", () => {
  const source = readFileSync("../../auth/ssofinish.go", "utf8");
  const reasons = [...source.matchAll(/^\tTurned\w+\s+Turned = "(\w+)"/gm)].map((m) => m[1] ?? "");
  expect(reasons.length).toBeGreaterThan(15);
  expect(Object.keys(en.refused).sort()).toEqual([...reasons].sort());
  expect(new Set(Object.values(en.refused)).size).toBe(reasons.length);
});

test("a reason that nobody knows is told as one that is known, and is not shown", async () => {
  await show(<Refused why="<b>x</b>" />, null);
  expect(screen.getByRole("alert").textContent).toBe(en.refused.nonsense);
});

test("a button leads to the provider, and back to the page", async () => {
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const { sent } = fakeGateway({
    "GET /api/v1/session/sso": json({ providers: [okta], sso_only: false }),
    "POST /api/v1/session/sso": json({ url: "https://id.example/auth" }),
  });
  await show(<Doors>the form</Doors>, null);
  await userEvent.click(await screen.findByRole("button", { name: "Sign in with Okta" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith("https://id.example/auth"));
  expect(sent.at(-1)?.body).toMatchObject({ site: "main", id: "okta" });
  expect(screen.getByText("the form")).toBeTruthy();
  assign.mockRestore();
});

test("where single sign-on is the only way, the form stands back", async () => {
  fakeGateway({ "GET /api/v1/session/sso": json({ providers: [{ ...okta, site_name: "Acme" }], sso_only: true }) });
  await show(<Doors>the form</Doors>, null);
  await screen.findByRole("button", { name: "Sign in with Okta to Acme" });
  expect(screen.getByText("Sign in with a password").closest("details")?.open).toBe(false);
});
