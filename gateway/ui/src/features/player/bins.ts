/** Bins a second and channel: fine enough for a silence, 720 KB an hour and channel. */
export const binsPerSecond = 100;

/** The lowest and highest sample of each bin, as signed bytes: min, max, min, max … */
export type Second = { second: number; channels: Int8Array[] };

/**
 * Binner makes peaks of decoded audio. Frames are placed by their number from the recording's
 * beginning, not by counting what came, so that a decoder's delay shifts nothing.
 */
export class Binner {
  private second = 0;
  private low: Float32Array[] = [];
  private high: Float32Array[] = [];
  private touched = false;

  constructor(
    private readonly rate: number,
    channels: number,
    private readonly done: (second: Second) => void,
  ) {
    for (let i = 0; i < channels; i++) {
      this.low.push(new Float32Array(binsPerSecond));
      this.high.push(new Float32Array(binsPerSecond));
    }
  }

  /** Takes frames in order; `at` is the number of the first one. Frames before the beginning are decoder delay. */
  push(planes: readonly Float32Array[], at: number): void {
    const count = planes[0]?.length ?? 0;
    let frame = Math.max(0, -at);
    while (frame < count) {
      const number = at + frame;
      const second = Math.floor(number / this.rate);
      if (second > this.second) this.next(second);
      const bin = Math.floor(((number - second * this.rate) * binsPerSecond) / this.rate);
      const last = Math.ceil(((bin + 1) * this.rate) / binsPerSecond) + second * this.rate - at;
      const end = Math.min(count, Math.max(frame + 1, last));
      if (second === this.second) this.fold(planes, bin, frame, end);
      frame = end;
    }
  }

  /** Hands over the second that is not full. */
  end(): void {
    if (this.touched) this.emit();
  }

  private fold(planes: readonly Float32Array[], bin: number, from: number, to: number) {
    this.touched = true;
    for (let channel = 0; channel < this.low.length; channel++) {
      const [plane, lows, highs] = [planes[channel], this.low[channel], this.high[channel]];
      if (!plane || !lows || !highs) continue;
      let [low, high] = [lows[bin] as number, highs[bin] as number];
      for (let i = from; i < to; i++) {
        const value = plane[i] as number;
        if (value < low) low = value;
        else if (value > high) high = value;
      }
      lows[bin] = low;
      highs[bin] = high;
    }
  }

  private next(second: number) {
    this.emit();
    this.second = second;
  }

  private emit() {
    const channels = this.low.map((lows, channel) => {
      const bytes = new Int8Array(binsPerSecond * 2);
      const highs = this.high[channel];
      for (let bin = 0; bin < binsPerSecond; bin++) {
        bytes[bin * 2] = byte(lows[bin] ?? 0);
        bytes[bin * 2 + 1] = byte(highs?.[bin] ?? 0);
      }
      lows.fill(0);
      highs?.fill(0);
      return bytes;
    });
    this.touched = false;
    this.done({ second: this.second, channels });
  }
}

function byte(value: number): number {
  return Math.sign(value) * Math.round(Math.min(1, Math.abs(value)) * 127);
}
