import { expect, test, vi } from "vitest";
import { fakeGateway, json, problem, unauthenticated } from "../testing/gateway";
import { call, callJSON } from "./client";
import { Problem } from "./problem";
import { onSignInNeeded, signedInAgain } from "./session";

const path = "/api/v1/links";

test("nothing is cached, no referrer is sent, redirects are refused", async () => {
  const { sent } = fakeGateway({ [`GET ${path}`]: json({ items: [] }) });
  await call(path);
  expect(sent[0]?.init).toMatchObject({
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
});

test("a body is sent as JSON", async () => {
  const { sent } = fakeGateway({ [`POST ${path}`]: json({ id: "zd" }, 201) });
  expect(await callJSON(path, { method: "POST", body: { id: "zd" } })).toEqual({ id: "zd" });
  expect(sent[0]?.body).toEqual({ id: "zd" });
});

test("a problem body is thrown as a Problem with fault and action", async () => {
  fakeGateway({
    [`GET ${path}`]: problem({
      status: 429,
      code: "rate_limited",
      fault: "provider",
      retry_after: 40,
      action: "Wait.",
    }),
  });
  const thrown = await call(path).catch((cause: unknown) => cause);
  expect(thrown).toBeInstanceOf(Problem);
  expect(thrown).toMatchObject({ code: "rate_limited", fault: "provider", retryAfterSeconds: 40, action: "Wait." });
});

test.each([
  ["HTML of a proxy", new Response("<html>Bad gateway</html>", { status: 502 })],
  ["JSON that is no problem", json({ error: "no" }, 502)],
  ["nothing", new Response(null, { status: 502 })],
])("%s is still a Problem", async (_, reply) => {
  fakeGateway({ [`GET ${path}`]: reply });
  await expect(call(path)).rejects.toMatchObject({ code: "unreadable", fault: "gateway", status: 502 });
});

test("no answer at all is a Problem", async () => {
  fakeGateway({});
  await expect(call(path)).rejects.toMatchObject({ code: "unreachable" });
});

test("an abort is thrown as it is, so that leaving a page shows no failure", async () => {
  fakeGateway({ [`GET ${path}`]: json({}) });
  const leaving = new AbortController();
  leaving.abort();
  await expect(call(path, { signal: leaving.signal })).rejects.toMatchObject({ name: "AbortError" });
});

test("204 has no body", async () => {
  fakeGateway({ [`DELETE ${path}/zd`]: new Response(null, { status: 204 }) });
  expect(await callJSON(`${path}/zd`, { method: "DELETE" })).toBeUndefined();
});

test("a 401 opens the sign-in once and the request goes on after it", async () => {
  const { sent } = fakeGateway({ [`GET ${path}`]: [unauthenticated, () => json({ items: [1] })] });
  const asked = vi.fn();
  const stop = onSignInNeeded(asked);
  const answer = callJSON(path);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  expect(sent).toHaveLength(1);
  signedInAgain();
  expect(await answer).toEqual({ items: [1] });
  expect(sent).toHaveLength(2);
  stop();
});

test("who leaves while the sign-in is open ends the request", async () => {
  fakeGateway({ [`GET ${path}`]: unauthenticated });
  const asked = vi.fn();
  const stop = onSignInNeeded(asked);
  const leaving = new AbortController();
  const answer = call(path, { signal: leaving.signal });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  leaving.abort();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  stop();
});

test("signing in itself refuses instead of waiting for a sign-in", async () => {
  fakeGateway({ "POST /api/v1/session": unauthenticated });
  const asked = vi.fn();
  const stop = onSignInNeeded(asked);
  const answer = call("/api/v1/session", { method: "POST", body: {}, signIn: "refuse" });
  await expect(answer).rejects.toMatchObject({ code: "unauthenticated" });
  expect(asked).not.toHaveBeenCalled();
  stop();
});
