// The demo's calls as they were scripted: who says what, and when.
import { readFileSync } from "node:fs";

export const scriptOf = (name) =>
  JSON.parse(readFileSync(new URL(`../../../../connectors/simhost/calls/${name}.json`, import.meta.url), "utf8"));

/** As a provider with times, channels and holds gives the same call; Zendesk gives one text. */
export async function timeTranscript(page, script) {
  const roles = Object.fromEntries(script.speakers.map(({ id, role, name }) => [id, { role, name }]));
  await page.route(/\/interactions\/ticket\/\d+/, async (route) => {
    const answer = await route.fetch();
    const lines = (await answer.text()).trim().split("\n");
    const parts = lines.map((line) => JSON.parse(line)).filter(({ type }) => type !== "transcript");
    const call = parts.find(({ type }) => type === "recording");
    if (script.channels === 2) {
      call.channels = [
        { side: "left", role: "agent" },
        { side: "right", role: "customer" },
      ];
    }
    call.holds = script.holds.map(({ from, to }) => ({ from, to }));
    call.pauses = [
      { from: 86, to: 86 },
      { from: 100, to: 106 },
    ];
    const words = script.utterances.map(({ speaker, from, to, text }) => ({
      type: "transcript",
      recording: call.id,
      from,
      to,
      speaker: { id: null, ...roles[speaker] },
      text,
    }));
    const all = [...parts.slice(0, -1), ...words, parts.at(-1)];
    await route.fulfill({ response: answer, body: all.map((part) => `${JSON.stringify(part)}\n`).join("") });
  });
}
