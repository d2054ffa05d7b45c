import { expect, test } from "vitest";
import { addSpan, lengthOf, spanAt } from "./spans";

const span = (from: number, to: number) => ({ from, to });
const list = (...pairs: [number, number][]) => pairs.map(([from, to]) => span(from, to));

test.each([
  ["the first", [], span(1, 2), [[1, 2]]],
  [
    "apart, after",
    [[1, 2]],
    span(5, 6),
    [
      [1, 2],
      [5, 6],
    ],
  ],
  [
    "apart, before",
    [[5, 6]],
    span(1, 2),
    [
      [1, 2],
      [5, 6],
    ],
  ],
  [
    "between",
    [
      [1, 2],
      [8, 9],
    ],
    span(4, 5),
    [
      [1, 2],
      [4, 5],
      [8, 9],
    ],
  ],
  ["goes on", [[1, 2]], span(2, 3), [[1, 3]]],
  ["goes on after a tick's gap", [[1, 2]], span(2.04, 3), [[1, 3]]],
  ["overlaps the end", [[1, 4]], span(3, 6), [[1, 6]]],
  ["overlaps the beginning", [[3, 6]], span(1, 4), [[1, 6]]],
  ["inside", [[1, 9]], span(3, 4), [[1, 9]]],
  ["around", [[3, 4]], span(1, 9), [[1, 9]]],
  [
    "bridges two",
    [
      [1, 3],
      [5, 7],
    ],
    span(2, 6),
    [[1, 7]],
  ],
  [
    "swallows several",
    [
      [1, 2],
      [3, 4],
      [5, 6],
      [9, 10],
    ],
    span(0, 7),
    [
      [0, 7],
      [9, 10],
    ],
  ],
  ["nothing", [[1, 2]], span(4, 4), [[1, 2]]],
  ["backwards is nothing", [[1, 2]], span(6, 4), [[1, 2]]],
  ["not a number is nothing", [[1, 2]], span(Number.NaN, 4), [[1, 2]]],
] as const)("%s", (_, before, add, want) => {
  expect(addSpan(list(...(before as unknown as [number, number][])), add)).toEqual(
    list(...(want as unknown as [number, number][])),
  );
});

test("whatever comes in, the list stays sorted and apart, and no second is lost or invented", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  for (let round = 0; round < 50; round++) {
    const heard = new Set<number>();
    let spans: readonly { from: number; to: number }[] = [];
    for (let i = 0; i < 30; i++) {
      const from = Math.floor(random() * 100);
      const to = from + 1 + Math.floor(random() * 12);
      for (let second = from; second < to; second++) heard.add(second);
      spans = addSpan(spans, span(from, to));
    }
    expect(lengthOf(spans)).toBe(heard.size);
    for (const [i, one] of spans.entries()) {
      expect(one.to).toBeGreaterThan(one.from);
      expect(one.from).toBeGreaterThan(spans[i - 1]?.to ?? -1);
    }
  }
});

test("the span at a second has its beginning and not its end", () => {
  const spans = list([1, 2], [4, 6]);
  expect(spanAt(spans, 4)).toEqual(span(4, 6));
  expect(spanAt(spans, 6)).toBeUndefined();
  expect(spanAt(spans, 3)).toBeUndefined();
});
