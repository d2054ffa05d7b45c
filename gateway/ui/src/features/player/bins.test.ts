import { expect, test } from "vitest";
import { Binner, binsPerSecond, type Second } from "./bins";

const rate = 8000;

/** A sine whose amplitude is 0.25 in the first second, 0.75 in the second, and so on. */
function sine(seconds: number, amplitude: (second: number) => number, hertz = 400): Float32Array {
  return Float32Array.from(
    { length: seconds * rate },
    (_, i) => amplitude(Math.floor(i / rate)) * Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

function binned(planes: Float32Array[], frames: number, at = 0, samplesASecond = rate): Second[] {
  const out: Second[] = [];
  const binner = new Binner(samplesASecond, planes.length, (second) => out.push(second));
  for (let from = 0; from < (planes[0]?.length ?? 0); from += frames) {
    binner.push(
      planes.map((plane) => plane.slice(from, from + frames)),
      at + from,
    );
  }
  binner.end();
  return out;
}

test.each([1152, 1, 80, 333, 8000, 100_000])("a sine's peaks are its amplitude, in pieces of %i frames", (frames) => {
  const left = sine(3, (second) => [0.25, 0.75, 1][second] ?? 0);
  const right = sine(3, () => 0.5);
  const seconds = binned([left, right], frames);
  expect(seconds.map(({ second }) => second)).toEqual([0, 1, 2]);
  for (const { second, channels } of seconds) {
    const want = [0.25, 0.75, 1][second] ?? 0;
    for (let bin = 0; bin < binsPerSecond; bin++) {
      expect(channels[0]?.[bin * 2]).toBeCloseTo(-want * 127, -1);
      expect(channels[0]?.[bin * 2 + 1]).toBeCloseTo(want * 127, -1);
      expect(channels[1]?.[bin * 2 + 1]).toBe(64);
    }
  }
});

test("pieces do not change the result", () => {
  const plane = sine(2, () => 0.9, 37);
  expect(binned([plane], 1152)).toEqual(binned([plane], plane.length));
});

test("a click stands in the bin it belongs to, at any rate", () => {
  for (const samples of [8000, 11_025, 22_050, 44_100, 48_000]) {
    for (const when of [0, 0.004, 0.995, 1.2345, 2.9999]) {
      const plane = new Float32Array(samples * 3);
      const frame = Math.floor(when * samples);
      plane[frame] = 1;
      const seconds = binned([plane], 1024, 0, samples);
      const found = seconds.flatMap(({ second, channels }) =>
        Array.from({ length: binsPerSecond }, (_, bin) => ({ bin: second * binsPerSecond + bin, channels })).filter(
          ({ bin }) => channels[0]?.[(bin % binsPerSecond) * 2 + 1] === 127,
        ),
      );
      expect(found.map(({ bin }) => bin)).toEqual([Math.floor((frame * binsPerSecond) / samples)]);
    }
  }
});

test("what a decoder puts before the beginning is left out, and shifts nothing", () => {
  const plane = new Float32Array(rate * 2);
  plane[100] = 1; // before the beginning
  plane[1105 + rate / 2] = 0.5; // half a second in
  const seconds = binned([plane], 1152, -1105);
  expect(seconds[0]?.channels[0]?.[50 * 2 + 1]).toBe(64);
  expect(Math.max(...(seconds[0]?.channels[0] ?? []))).toBe(64);
});

test("louder than full is full", () => {
  const seconds = binned([Float32Array.of(3, -3)], 2);
  expect([...(seconds[0]?.channels[0]?.slice(0, 2) ?? [])]).toEqual([-127, 127]);
});
