import { Peaks } from "./peaks";
import { canDecode, readPeaks } from "./readPeaks";

/** The waveforms of a conversation's recordings: each is read once, one at a time, while the page is shown. */
export class Waves {
  private known = new Map<string, Peaks>();
  private stopReading: (() => void) | undefined;

  of(key: string): Peaks | undefined {
    return this.known.get(key);
  }

  /** Starts to read one, unless it was. */
  read(key: string, url: string, grown: (peaks: Peaks) => void): void {
    if (this.stopReading || this.known.has(key) || !canDecode()) return;
    const peaks = new Peaks();
    this.known.set(key, peaks);
    this.stopReading = readPeaks(`${url}?use=peaks`, peaks, () => grown(peaks));
    grown(peaks);
  }

  /** Ends the Worker. What was cut is forgotten, and read again when its audio can play again. */
  stop(): void {
    this.stopReading?.();
    this.stopReading = undefined;
    for (const [key, peaks] of this.known) if (!peaks.complete) this.known.delete(key);
  }

  clear(): void {
    this.stop();
    this.known.clear();
  }
}
