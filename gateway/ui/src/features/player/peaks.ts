import type { Span } from "../../components/listening";
import { binsPerSecond, type Second } from "./bins";

/** What of a recording has been decoded. It grows; `version` says that it did. */
export class Peaks {
  version = 0;
  /** Seconds that are there, from the beginning. */
  seconds = 0;
  /** All of the recording is there. */
  complete = false;
  /** 0 until the first second says. */
  channels = 0;
  private fine: Int8Array[] = [];
  private coarse: Int8Array[] = []; // one pair a second: an hour is drawn from 3,600 of them

  add({ second, channels }: Second): void {
    if (this.channels === 0) {
      this.channels = channels.length;
      this.fine = channels.map(() => new Int8Array(600 * binsPerSecond * 2));
      this.coarse = channels.map(() => new Int8Array(600 * 2));
    }
    channels.forEach((bytes, channel) => {
      this.fine[channel] = put(this.fine[channel], bytes, second * binsPerSecond * 2);
      this.coarse[channel] = put(this.coarse[channel], Int8Array.of(lowest(bytes), highest(bytes)), second * 2);
    });
    this.seconds = Math.max(this.seconds, second + 1);
    this.version++;
  }

  end(): void {
    this.complete = true;
    this.version++;
  }

  /** The lowest and highest value between two seconds, from −127 to 127; undefined where nothing is decoded. */
  range(channel: number, from: number, to: number): [number, number] | undefined {
    if (from >= this.seconds) return undefined;
    const wide = to - from >= 2;
    const bytes = wide ? this.coarse[channel] : this.fine[channel];
    if (!bytes) return undefined;
    const scale = wide ? 1 : binsPerSecond;
    const first = Math.floor(from * scale);
    const last = Math.min(this.seconds * scale, Math.max(first + 1, Math.ceil(to * scale)));
    let [low, high] = [0, 0];
    for (let bin = first; bin < last; bin++) {
      low = Math.min(low, bytes[bin * 2] ?? 0);
      high = Math.max(high, bytes[bin * 2 + 1] ?? 0);
    }
    return [low, high];
  }

  /** The loudest value of all channels in one bin. */
  loudness(bin: number): number {
    let loudest = 0;
    for (const bytes of this.fine) {
      loudest = Math.max(loudest, -(bytes[bin * 2] ?? 0), bytes[bin * 2 + 1] ?? 0);
    }
    return loudest;
  }
}

function put(into: Int8Array | undefined, bytes: Int8Array, at: number): Int8Array {
  let room = into ?? new Int8Array(0);
  if (room.length < at + bytes.length) {
    room = new Int8Array(Math.max(at + bytes.length, room.length * 2));
    if (into) room.set(into);
  }
  room.set(bytes, at);
  return room;
}

const lowest = (bytes: Int8Array) => bytes.reduce((low, value) => Math.min(low, value), 0);
const highest = (bytes: Int8Array) => bytes.reduce((high, value) => Math.max(high, value), 0);

/** Below this loudness (of 127) nobody speaks: about −36 dB, above the noise of a telephone line. */
const quiet = 2;
/** A breath between two turns is not skipped. */
const shortest = 0.9;
/** What stays of a silence at either end, so that no first consonant is lost. */
const edge = 0.2;

/** silences are the stretches that "skip silence" skips, in what is decoded between two seconds. */
export function silences(peaks: Peaks, from = 0, to = peaks.seconds): Span[] {
  const found: Span[] = [];
  let began: number | undefined;
  const [first, last] = [Math.floor(from * binsPerSecond), Math.floor(to * binsPerSecond)];
  for (let bin = first; bin <= last; bin++) {
    if (bin < last && peaks.loudness(bin) <= quiet) {
      began ??= bin;
      continue;
    }
    if (began !== undefined) found.push({ from: began / binsPerSecond + edge, to: bin / binsPerSecond - edge });
    began = undefined;
  }
  return found.filter((span) => span.to - span.from >= shortest - 2 * edge);
}

/** Where playing goes on when `seconds` lies in a silence; undefined when it does not. */
export function afterSilence(peaks: Peaks, seconds: number): number | undefined {
  if (seconds >= peaks.seconds || peaks.loudness(Math.floor(seconds * binsPerSecond)) > quiet) return undefined;
  const near = silences(peaks, Math.max(0, seconds - 2), Math.min(peaks.seconds, seconds + 120));
  const here = near.find((span) => seconds >= span.from && seconds < span.to - 0.1);
  return here?.to;
}
