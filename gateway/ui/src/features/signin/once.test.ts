import { beforeEach, expect, test } from "vitest";
import { fakeGateway, json } from "../../testing/gateway";
import { analyst } from "../../testing/render";
import { signInOnce, takeOnceToken } from "./once";

beforeEach(() => history.replaceState(null, "", "/"));

test("the token leaves the address at once and is sent once, in the body", async () => {
  const { sent } = fakeGateway({ "POST /api/v1/session": json(analyst) });
  history.replaceState(null, "", "/signin#tok-123");
  takeOnceToken();
  expect(location.href).not.toContain("tok-123");
  expect(location.pathname).toBe("/signin");
  const [first, second] = [signInOnce(), signInOnce()];
  expect(second).toBe(first);
  expect(await first).toMatchObject({ login: "noor" });
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ path: "/api/v1/session", body: { once: "tok-123" } });
  expect(signInOnce()).toBeUndefined();
});

test("a fragment elsewhere is none of our business", () => {
  history.replaceState(null, "", "/audit#tok");
  takeOnceToken();
  expect(location.hash).toBe("#tok");
  expect(signInOnce()).toBeUndefined();
});
