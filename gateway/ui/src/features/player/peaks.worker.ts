/// <reference lib="webworker" />
import { AudioSampleSink, Input, MP3, MP4, OGG, ReadableStreamSource, WAVE } from "mediabunny";
import { Binner, type Second } from "./bins";

/** What the Worker says: seconds in order, then that there are no more, or that there will be none. */
export type Said = { say: "second"; second: Second } | { say: "end" } | { say: "failed" };

const say = (said: Said, transfer: Transferable[] = []) => self.postMessage(said, transfer);

self.addEventListener("message", (event: MessageEvent<{ url: string }>) => {
  decode(event.data.url).then(
    () => say({ say: "end" }),
    () => say({ say: "failed" }), // no format we know, no decoder, a body that broke: the seek bar stays plain
  );
});

/**
 * Reads the recording once, as one plain stream, and keeps none of it. Players that ask for ranges
 * ask again and again: six times the file was written by the server when this was measured.
 */
async function decode(url: string): Promise<void> {
  const answer = await fetch(url, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
  const input = new Input({
    source: new ReadableStreamSource(answer.body, { maxCacheSize: 16 << 20, handleUnhandledError: () => undefined }),
    formats: [MP3, WAVE, OGG, MP4],
  });
  const track = await input.getPrimaryAudioTrack();
  if (!track || !(await track.canDecode())) throw new Error("no decoder");
  let binner: Binner | undefined;
  const room: Float32Array<ArrayBuffer>[] = []; // one a channel, for all samples: there are 150,000 in an hour
  for await (const sample of new AudioSampleSink(track).samples()) {
    try {
      const { numberOfChannels: channels, sampleRate: rate, numberOfFrames: frames } = sample;
      binner ??= new Binner(rate, Math.min(2, channels), send);
      const planes = Array.from({ length: Math.min(2, channels) }, (_, planeIndex) => {
        if ((room[planeIndex]?.length ?? 0) < frames) room[planeIndex] = new Float32Array(frames);
        const plane = (room[planeIndex] as Float32Array<ArrayBuffer>).subarray(0, frames);
        sample.copyTo(plane, { planeIndex, format: "f32-planar" });
        return plane;
      });
      binner.push(planes, Math.round(sample.timestamp * rate));
    } finally {
      sample.close();
    }
  }
  binner?.end();
}

function send(second: Second): void {
  say(
    { say: "second", second },
    second.channels.map((bytes) => bytes.buffer),
  );
}
