import { describe, expect, it } from "vitest";
import { event, message } from "./fixtures";
import { bandsOf, daysOf, levelOf, pathOf } from "./glass";
import { emptyThread, merge } from "./thread";

describe("the glass", () => {
  const { entries } = merge(emptyThread, [
    message("1"),
    event("e", "2026-11-20T08:02:00Z"),
    message("9", { at: "2026-11-22T12:00:00Z" }),
  ]);
  const rows = [
    { start: 0, size: 50 },
    { start: 50, size: 25 },
    { start: 75, size: 25 },
  ];

  it("maps messages to where they stand, and events not at all", () => {
    expect(bandsOf(entries, rows, 100, () => "agent")).toEqual([
      { kind: "agent", from: 0, to: 500 },
      { kind: "agent", from: 750, to: 1000 },
    ]);
    expect(bandsOf(entries, rows, 0, () => "agent")).toEqual([]);
  });

  it("marks where a day begins", () => {
    expect(daysOf(entries, rows, 100)).toEqual([750]);
  });

  it("draws a customer's band hollow and an agent's solid", () => {
    const bands = bandsOf(entries, rows, 100, (entry) => (entry.key === "message::1" ? "customer" : "agent"));
    expect(pathOf(bands, "customer").match(/M/g)).toHaveLength(2);
    expect(pathOf(bands, "agent").match(/M/g)).toHaveLength(1);
    expect(pathOf(bands, "internal")).toBe("");
  });

  it("rises with every byte, stands at the top only at the end", () => {
    const levels = [0, 1, 1000, 100_000, 10_000_000].map((bytes) => levelOf(bytes, false));
    expect([...levels].sort((a, b) => a - b)).toEqual(levels);
    expect(Math.max(...levels)).toBeLessThan(1);
    expect(levels[0]).toBe(0);
    expect(levelOf(10, true)).toBe(1);
  });
});
