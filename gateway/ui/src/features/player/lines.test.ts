import { expect, test } from "vitest";
import type { Line } from "../../components/listening";
import { lanesOf, lineAt, spanOf } from "./lines";

const line = (from: number, to?: number): Line => ({ from, to, role: "agent", name: undefined, text: `at ${from}` });
const lines = [line(0.4, 5.7), line(6.1, 15.5), line(14.8, 21.4), line(30)];

test.each([
  [0, undefined],
  [0.4, 0],
  [5.9, 0],
  [6.1, 1],
  [15, 2],
  [29.99, 2],
  [500, 3],
])("at %f s it is line %s", (seconds, want) => {
  expect(lineAt(lines, seconds)).toBe(want);
});

test("without an end a line lasts until the next, the last to the end", () => {
  expect(spanOf([line(1), line(4)], 0, 60)).toEqual({ from: 1, to: 4 });
  expect(spanOf([line(1), line(4)], 1, 60)).toEqual({ from: 4, to: 60 });
  expect(spanOf(lines, 1, 60)).toEqual({ from: 6.1, to: 15.5 });
});

const sides = (left: "agent" | "customer" | "unknown", right: "agent" | "customer" | "unknown") => ({
  channels: [
    { side: "left" as const, role: left },
    { side: "right" as const, role: right },
  ],
});

test("one channel is one lane, whoever is said to be on it", () => {
  expect(lanesOf(sides("agent", "customer"), 1)).toEqual([{ voice: "both", channel: 0, look: "plain" }]);
  expect(lanesOf({ channels: [] }, 0)).toHaveLength(1);
});

test("two channels that nobody names are left and right", () => {
  expect(lanesOf({ channels: [] }, 2).map(({ voice, look }) => [voice, look])).toEqual([
    ["left", "plain"],
    ["right", "plain"],
  ]);
});

test("the agent is on top, whichever side", () => {
  expect(lanesOf(sides("agent", "customer"), 2).map(({ voice, channel }) => [voice, channel])).toEqual([
    ["agent", 0],
    ["customer", 1],
  ]);
  expect(lanesOf(sides("customer", "agent"), 0).map(({ voice, channel }) => [voice, channel])).toEqual([
    ["agent", 1],
    ["customer", 0],
  ]);
});

test("half a name names one lane; two of the same are told apart by side", () => {
  expect(lanesOf(sides("unknown", "customer"), 2).map(({ voice }) => voice)).toEqual(["left", "customer"]);
  expect(lanesOf(sides("agent", "agent"), 2)).toEqual([
    { voice: "left", channel: 0, look: "agent" },
    { voice: "right", channel: 1, look: "agent" },
  ]);
});
