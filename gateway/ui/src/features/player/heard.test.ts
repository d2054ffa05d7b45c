import { expect, test } from "vitest";
import { Heard } from "./heard";

/** Plays from `from` for `seconds` at a speed, looking four times a second. */
function play(heard: Heard, from: number, seconds: number, speed: number, when: number): number {
  for (let passed = 0; passed <= seconds; passed += 0.25)
    heard.look("171", from + passed * speed, speed, when + passed * 1000);
  return when + seconds * 1000;
}

function listener() {
  const told: [string, number[][]][] = [];
  const heard = new Heard((recording, spans) => {
    told.push([recording, spans.map(({ from, to }) => [from, to])]);
  });
  return { told, heard };
}

test("what is played in one go is one span, at any speed", () => {
  const { heard } = listener();
  play(heard, 10, 8, 2, 1_000);
  expect(heard.of("171")).toEqual([{ from: 10, to: 26 }]);
  expect(heard.of("other")).toEqual([]);
});

test("a seek is not heard, neither forth nor back", () => {
  const { heard } = listener();
  const when = play(heard, 0, 2, 1, 0);
  play(heard, 100, 2, 1, when + 250);
  play(heard, 50, 2, 1, when + 5_000);
  expect(heard.of("171")).toEqual([
    { from: 0, to: 2 },
    { from: 50, to: 52 },
    { from: 100, to: 102 },
  ]);
});

test("a machine that slept heard nothing", () => {
  const { heard } = listener();
  heard.look("171", 5, 1, 0);
  heard.look("171", 65, 1, 60_000);
  expect(heard.of("171")).toEqual([]);
});

test("every 15 s and at leaving, what is new is handed on once", () => {
  const { heard, told } = listener();
  const start = 20_000;
  heard.report(start);
  play(heard, 0, 20, 1, start);
  expect(told).toEqual([["171", [[0, 15]]]]);
  heard.report(start + 20_000);
  expect(told.at(-1)).toEqual(["171", [[15, 20]]]);
  heard.report(start + 21_000);
  expect(told).toHaveLength(2);
});

test("what is lifted does not join", () => {
  const { heard } = listener();
  heard.look("171", 0, 1, 0);
  heard.lift();
  heard.look("171", 0.2, 1, 200);
  expect(heard.of("171")).toEqual([]);
});

test("what could not be handed on is handed on the next time, with what was heard meanwhile", async () => {
  const told: number[][][] = [];
  const heard = new Heard(async (_, spans) => {
    told.push(spans.map(({ from, to }) => [from, to]));
    if (told.length === 1) throw new Error("no connection");
  });
  play(heard, 0, 2, 1, 0);
  heard.report(2_000);
  await Promise.resolve();
  play(heard, 2, 2, 1, 2_250);
  heard.report(5_000);
  await Promise.resolve();
  heard.report(6_000);
  expect(told).toEqual([[[0, 2]], [[0, 4]]]);
});
