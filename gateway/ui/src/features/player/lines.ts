import type { Call, Line, Role, Span } from "../../components/listening";
import type { Voice } from "./settings";

/** Index of the line that is spoken at a second, or the last before it. Of two who speak at once, the one who began last. */
export function lineAt(lines: readonly Line[], seconds: number): number | undefined {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.from ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : low - 1;
}

/** Where a line ends: as the provider says, else where the next begins. */
export function spanOf(lines: readonly Line[], index: number, seconds: number): Span {
  const line = lines[index];
  const from = line?.from ?? 0;
  return { from, to: line?.to ?? lines[index + 1]?.from ?? Math.max(from, seconds) };
}

/** A lane of the waveform: one channel, or the only one. */
export type Lane = {
  voice: Voice;
  channel: number;
  /** Drawn full, in the agent's colour or in nobody's; or as an outline, in the customer's. */
  look: "agent" | "customer" | "plain";
};

const voiceOf = (role: Role): "agent" | "customer" | undefined =>
  role === "agent" || role === "customer" ? role : undefined;

/**
 * lanesOf says what is drawn. Speakers are named only when the provider or the link's setting says
 * who is on which channel; then the agent is on top. `decoded` is the number of channels found in
 * the audio, 0 until something is decoded; until then two channels are drawn only if they were named.
 */
export function lanesOf({ channels }: Pick<Call, "channels">, decoded: number): Lane[] {
  const count = decoded || (channels.length > 1 ? 2 : 1);
  if (count === 1) return [{ voice: "both", channel: 0, look: "plain" }];
  const named = channels.map(({ side, role }) => ({ channel: side === "left" ? 0 : 1, voice: voiceOf(role) }));
  const lanes = [0, 1].map((channel): Lane => {
    const voice = named.find((one) => one.channel === channel)?.voice;
    if (voice) return { voice, channel, look: voice };
    return { voice: channel === 0 ? "left" : "right", channel, look: "plain" };
  });
  if (lanes[0]?.voice === lanes[1]?.voice) return lanes.map(sideOnly);
  return lanes[1]?.voice === "agent" || lanes[0]?.voice === "customer" ? lanes.reverse() : lanes;
}

/** Two agents, a conference: the sides tell them apart, the colour still says what they are. */
function sideOnly(lane: Lane): Lane {
  return { ...lane, voice: lane.channel === 0 ? "left" : "right" };
}
