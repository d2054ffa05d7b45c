import { readFileSync } from "node:fs";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Code, Fault } from "../../api/problem";
import { onSignInNeeded } from "../../api/session";
import { ConversationPage } from "./ConversationPage";
import { customer, feed, header, linesOf, message } from "./fixtures";

// Design section 6: the closed list of codes, and the screen that each must have.
const ask = "Copy what to tell an administrator";
const back = "Back to the start page";
const again = "Try again";
const screens: Record<Code, [status: number, fault: Fault, button: string]> = {
  bad_request: [400, "request", back],
  unauthenticated: [401, "request", "Sign in"],
  not_allowed: [403, "request", ask],
  cross_site: [403, "request", back],
  not_found: [404, "request", back],
  handle_expired: [410, "request", again],
  cursor_expired: [410, "request", again],
  bad_range: [416, "request", again],
  not_recognised: [422, "request", back],
  too_many: [429, "request", again],
  needs_reconnect: [409, "account", ask],
  missing_scope: [409, "account", ask],
  not_licensed: [409, "account", ask],
  paused: [409, "account", ask],
  gone: [410, "provider", back],
  rate_limited: [429, "provider", again],
  provider_down: [502, "provider", again],
  provider_cut: [502, "provider", again],
  provider_nonsense: [502, "provider", again],
  host_refused: [502, "provider", ask],
  provider_slow: [504, "provider", again],
  internal: [500, "gateway", again],
  audit_unavailable: [503, "gateway", again],
  overloaded: [503, "gateway", again],
  stopping: [503, "gateway", again],
};
const whose: Record<Fault, string> = {
  request: "About this request",
  account: "About the link to Zendesk",
  provider: "At Zendesk",
  gateway: "At our gateway",
};
const schema = readFileSync("src/api/schema.gen.ts", "utf8");
const codes = [...(/^ +Code: (.*);$/m.exec(schema)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(([, code]) => code as Code);

afterEach(() => void vi.unstubAllGlobals());

function body(code: Code) {
  const [status, fault] = screens[code];
  const said = { title: `Title of ${code}`, action: `What to do about ${code}.`, request_id: `req-${code}` };
  return { type: `/problems/${code}`, status, code, fault, provider: "Zendesk", ...said };
}

function open(answer: Response) {
  const onStart = vi.fn();
  const asked = vi.fn(async () => answer);
  vi.stubGlobal("fetch", asked);
  render(<ConversationPage link="zd" kind="ticket" id="5012" onStart={onStart} />);
  return { onStart, asked };
}

async function shows(code: Code) {
  const note = await screen.findByRole("region", { name: `Title of ${code}` });
  const [, fault, button] = screens[code];
  expect(within(note).getByRole("alert").textContent).toBe(`Title of ${code}. What to do about ${code}.`);
  expect(within(note).getByText(whose[fault])).toBeTruthy();
  expect(within(note).getByText(`req-${code}`)).toBeTruthy();
  return within(note).getByRole("button", { name: button });
}

test("the contract's list of codes is the list that has screens", () => {
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.toSorted()).toEqual(Object.keys(screens).toSorted());
});

test.each(codes.filter((code) => code !== "unauthenticated"))(
  "%s before the first part has its screen",
  async (code) => {
    open(new Response(JSON.stringify(body(code)), { status: screens[code][0] }));
    await shows(code);
    expect(screen.queryByRole("button", { name: "Search this thread" })).toBeNull();
  },
);

test("unauthenticated before the first part opens the sign-in over the page", async () => {
  const needed = vi.fn();
  const stop = onSignInNeeded(needed);
  open(new Response(JSON.stringify(body("unauthenticated")), { status: 401 }));
  await vi.waitFor(() => expect(needed).toHaveBeenCalledTimes(1));
  stop();
});

test.each(codes)("%s as the last part has its screen, and what was shown stays", async (code) => {
  const one = feed();
  const { onStart, asked } = open(one.answer);
  const { type: _, ...part } = body(code);
  one.send(linesOf([header, customer, message("331"), { ...part, type: "problem" }]));
  const button = await shows(code);
  expect(screen.getByText("Text of 331")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Search this thread" })).toBeTruthy();
  await userEvent.click(button);
  const does = screens[code][2];
  if (does === back) expect(onStart).toHaveBeenCalledTimes(1);
  else if (does !== ask) expect(asked).toHaveBeenCalledTimes(2);
  else {
    const copied = await navigator.clipboard.readText();
    for (const word of [code, "zd ticket 5012", `req-${code}`]) expect(copied).toContain(word);
    expect(copied).not.toContain("Text of 331");
  }
});
