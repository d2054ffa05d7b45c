import { expect, test } from "vitest";
import { Binner } from "./bins";
import { afterSilence, Peaks, silences } from "./peaks";

const rate = 8000;

/** Peaks of tones: [seconds, amplitude left, amplitude right] one after the other. */
function tones(...stretches: [number, number, number][]): Peaks {
  const peaks = new Peaks();
  const binner = new Binner(rate, 2, (second) => peaks.add(second));
  let at = 0;
  for (const [seconds, left, right] of stretches) {
    const wave = (amplitude: number) =>
      Float32Array.from({ length: seconds * rate }, (_, i) => amplitude * Math.sin((2 * Math.PI * 440 * i) / rate));
    const planes = [wave(left), wave(right)];
    binner.push(planes, at);
    at += planes[0]?.length ?? 0;
  }
  binner.end();
  return peaks;
}

test("a range has the lowest and the highest of what it spans, near and far", () => {
  const peaks = tones([4, 0.5, 0.25], [4, 1, 0]);
  expect(peaks.channels).toBe(2);
  expect(peaks.seconds).toBe(8);
  expect(peaks.range(0, 1, 1.5)).toEqual([-64, 64]);
  expect(peaks.range(1, 1, 1.01)?.[1]).toBeCloseTo(32, 0);
  expect(peaks.range(0, 0, 8)).toEqual([-127, 127]);
  expect(peaks.range(1, 5, 8)).toEqual([0, 0]);
});

test("what is not decoded has no range", () => {
  const peaks = tones([2, 0.5, 0.5]);
  expect(peaks.range(0, 2, 3)).toBeUndefined();
  expect(new Peaks().range(0, 0, 1)).toBeUndefined();
});

test("an hour grows without a loss", () => {
  const peaks = new Peaks();
  for (let second = 0; second < 3600; second++) {
    const bytes = new Int8Array(200);
    bytes[1] = second % 128;
    peaks.add({ second, channels: [bytes] });
  }
  expect(peaks.range(0, 130, 130.01)).toEqual([0, 2]);
  expect(peaks.range(0, 3599, 3600)).toEqual([0, 3599 % 128]);
  expect(peaks.range(0, 0, 3600)).toEqual([0, 127]);
});

test("silence is where neither speaks, with a little left at both ends", () => {
  const peaks = tones([2, 0.5, 0], [3, 0.001, 0], [2, 0, 0.5], [1, 0, 0], [1, 0.5, 0], [0.5, 0, 0], [1, 0.4, 0]);
  expect(silences(peaks)).toEqual([
    { from: 2.2, to: 4.8 },
    { from: 7.2, to: 7.8 },
  ]);
});

test("playing goes on where somebody speaks again", () => {
  const peaks = tones([2, 0.5, 0], [3, 0, 0], [2, 0, 0.5]);
  expect(afterSilence(peaks, 1)).toBeUndefined();
  expect(afterSilence(peaks, 2.1)).toBeUndefined();
  expect(afterSilence(peaks, 2.5)).toBeCloseTo(4.8);
  expect(afterSilence(peaks, 4.75)).toBeUndefined();
  expect(afterSilence(new Peaks(), 3)).toBeUndefined();
});

test("a silence that is not decoded to its end is skipped as far as is known", () => {
  const peaks = tones([1, 0.5, 0], [5, 0, 0]);
  expect(afterSilence(peaks, 2)).toBeCloseTo(5.8);
});
