import { expect, test } from "vitest";
import { problem } from "../testing/gateway";
import { Problem, problemOf } from "./problem";

test("a problem body keeps what the gateway said", async () => {
  const got = await problemOf(problem({ provider: "Zendesk", fields: { id: "Taken." }, request_id: "ab12" }));
  expect(got).toMatchObject({
    provider: "Zendesk",
    fields: { id: "Taken." },
    requestId: "ab12",
    title: "Something failed here",
  });
});

test("a problem part reads like a problem body", () => {
  const got = Problem.from({
    type: "problem",
    status: 502,
    code: "provider_cut",
    fault: "provider",
    title: "Zendesk broke off",
    action: "Try again.",
    request_id: "",
  });
  expect(got).toMatchObject({ code: "provider_cut", fault: "provider", fields: {} });
  expect(got.requestId).toBeUndefined();
});

test("an unknown fault is not believed", async () => {
  const body = JSON.stringify({ status: 500, code: "x", fault: "nobody", title: "t", action: "a" });
  const got = await problemOf(new Response(body, { status: 500, headers: { "X-Request-Id": "r9" } }));
  expect(got).toMatchObject({ code: "unreadable", requestId: "r9" });
});
