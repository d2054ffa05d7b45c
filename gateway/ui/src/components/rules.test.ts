import { expect, test } from "vitest";
import { endAfter, lastDayOf, readRules } from "./rules";

test("a rule is read however it was typed", () => {
  expect(readRules(" 203.0.113.0/24,\n2001:db8::/32;10.0.0.1 ")).toEqual([
    "203.0.113.0/24",
    "2001:db8::/32",
    "10.0.0.1",
  ]);
  expect(readRules(" ")).toEqual([]);
});

test("the end is the midnight after the last day", () => {
  expect(endAfter("2026-12-31")).toBe("2027-01-01T00:00:00.000Z");
  expect(lastDayOf("2027-01-01T00:00:00Z")).toBe("2026-12-31");
  expect(lastDayOf("2027-01-01T12:00:00Z")).toBe("2027-01-01");
  expect([endAfter(""), lastDayOf(undefined)]).toEqual(["", ""]);
});
