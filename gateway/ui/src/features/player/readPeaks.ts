import type { Peaks } from "./peaks";
import type { Said } from "./peaks.worker";

/** Whether this browser can decode audio in a Worker; without, the seek bar is plain. */
export function canDecode(): boolean {
  return typeof Worker !== "undefined" && "AudioDecoder" in globalThis;
}

/** How often what has grown is told, in milliseconds: an hour is 3,600 seconds of peaks in a few of ours. */
const tellEvery = 100;

/**
 * readPeaks fills `peaks` from a recording and calls back as it grows. It returns how to stop, which
 * ends the Worker and with it the request to the gateway.
 */
export function readPeaks(url: string, peaks: Peaks, grown: () => void): () => void {
  const worker = new Worker(new URL("./peaks.worker.ts", import.meta.url), { type: "module" });
  let telling: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    telling = undefined;
    grown();
  };
  const stop = () => {
    clearTimeout(telling);
    worker.terminate();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<Said>) => {
    if (data.say === "second") {
      peaks.add(data.second);
      telling ??= setTimeout(tell, tellEvery);
      return;
    }
    stop();
    if (data.say === "end") peaks.end();
    tell();
  });
  worker.addEventListener("error", stop);
  worker.postMessage({ url });
  return stop;
}
