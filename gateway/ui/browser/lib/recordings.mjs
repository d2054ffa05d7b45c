/** Opens a ticket of the demo with its analyst's key; resolves with its first recording and how to fetch it. */
export async function recordingOf(demo, ticket) {
  const key = `Bearer ${demo.api_keys.analyst}`;
  const path = `/api/v1/links/${demo.links[0].id}/interactions/ticket/${ticket}`;
  const stream = await (await fetch(`${demo.url}${path}`, { headers: { Authorization: key } })).text();
  const part = stream
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .find((one) => one.type === "recording" && one.handle);
  if (!part) throw new Error(`ticket ${ticket} has no recording`);
  const url = `${demo.url}/api/v1/media/${part.handle}`;
  const whole = Buffer.from(await (await fetch(url, { headers: { Authorization: key } })).arrayBuffer());
  return { part, path, url, whole, header: `Authorization: ${key}` };
}

/**
 * Plays the first recording of an interaction in an <audio> of the page, then seeks to `second`.
 * Resolves with what currentTime said, and how far one may seek.
 */
export function playAndSeek(page, path, second) {
  return page.evaluate(
    async ([at, to]) => {
      const parts = (await (await fetch(at)).text())
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      const audio = new Audio(`/api/v1/media/${parts.find((part) => part.type === "recording").handle}`);
      audio.muted = true;
      const reaches = (time) =>
        new Promise((resolve, reject) => {
          audio.onerror = () => reject(new Error(audio.error.message));
          audio.ontimeupdate = () => audio.currentTime >= time && resolve(audio.currentTime);
        });
      await audio.play();
      const begun = await reaches(0.3);
      const seekable = audio.seekable.length > 0 ? audio.seekable.end(0) : 0;
      audio.currentTime = to;
      const sought = await reaches(to + 0.3);
      audio.pause();
      return { begun, sought, seekable };
    },
    [path, second],
  );
}
