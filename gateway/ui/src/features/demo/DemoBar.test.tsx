import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { useSession } from "../../api/useSession";
import { fakeGateway, json, problem } from "../../testing/gateway";
import { analyst, show } from "../../testing/render";
import { DemoBar } from "./DemoBar";
import { type Demo, useDemo } from "./useDemo";

const demo: Demo = {
  samples: [],
  look_as: ["analyst", "administrator"],
  breaks: [
    { id: "cut", title: "Cut this stream", say: "It stops half-way.", on: false },
    { id: "revoke", title: "Revoke at the provider", say: "The link must be connected again.", on: false },
  ],
};
const broken: Demo = { ...demo, breaks: demo.breaks.map((b) => ({ ...b, on: b.id === "cut" })) };
const administrator = { ...analyst, principal: "u2", roles: ["administrator" as const], rights: ["links.manage"] };

function Bar() {
  const { data } = useDemo();
  const session = useSession().data ?? null;
  return data ? <DemoBar demo={data} session={session} /> : null;
}

test("a break is chosen with the keyboard, marked, and mended by choosing it again", async () => {
  const { sent } = fakeGateway({
    "GET /api/v1/demo": [json(demo), json(broken), json(demo)],
    "POST /api/v1/demo/break": new Response(null, { status: 204 }),
  });
  const person = userEvent.setup();
  await show(<Bar />);
  (await screen.findByRole("button", { name: "Break something" })).focus();
  await person.keyboard("{Enter}");
  const entry = await screen.findByRole("menuitemcheckbox", { name: /Cut this stream/, hidden: true });
  expect(entry.getAttribute("aria-checked")).toBe("false");
  entry.focus();
  await person.keyboard("{Enter}");
  expect(await screen.findByText(/1 thing is broken/)).toBeTruthy();
  await person.click(screen.getByRole("button", { name: "Break something" }));
  const again = await screen.findByRole("menuitemcheckbox", { name: /Cut this stream/, hidden: true });
  expect(again.getAttribute("aria-checked")).toBe("true");
  await person.click(again);
  await expect.poll(() => screen.queryByText(/1 thing is broken/)).toBeNull();
  const asked = sent.filter((s) => s.method === "POST").map((s) => s.body);
  expect(asked).toEqual([
    { id: "cut", undo: false },
    { id: "cut", undo: true },
  ]);
});

test("looking as the administrator changes who one is", async () => {
  fakeGateway({ "GET /api/v1/demo": json(demo), "POST /api/v1/demo/look-as": json(administrator) });
  const person = userEvent.setup();
  await show(<Bar />);
  const other = await screen.findByRole<HTMLInputElement>("radio", { name: "Administrator" });
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Analyst" }).checked).toBe(true);
  await person.click(other);
  await expect.poll(() => other.checked).toBe(true);
});

test("a break that fails says so in the bar", async () => {
  fakeGateway({ "GET /api/v1/demo": json(demo), "POST /api/v1/demo/break": problem() });
  const person = userEvent.setup();
  await show(<Bar />);
  await person.click(await screen.findByRole("button", { name: "Break something" }));
  await person.click(await screen.findByRole("menuitemcheckbox", { name: /Cut/, hidden: true }));
  expect((await screen.findByRole("alert")).textContent).toBe("Something failed here. Try again.");
});
