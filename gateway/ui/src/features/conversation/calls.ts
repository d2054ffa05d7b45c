import { useMemo, useRef } from "react";
import { type Call, isTimed, type Line } from "../../components/listening";
import type { RecordingPart, TranscriptPart } from "./parts";
import { type Entry, knownAs, personOf, type Thread } from "./thread";

type Known = "entries" | "handles" | "transcripts" | "people" | "opens";

/** callsOf lists the recordings that can be heard, in the thread's order. One without a handle cannot. */
export function callsOf(thread: Pick<Thread, Known>): Call[] {
  return thread.entries.flatMap((entry) => {
    if (entry.part.type !== "recording") return [];
    const handle = thread.handles.get(entry.key) ?? entry.part.handle;
    return handle ? [callOf(entry, entry.part, handle, thread)] : [];
  });
}

function callOf(entry: Entry, part: RecordingPart, handle: string, thread: Parameters<typeof callsOf>[0]): Call {
  const lines = thread.transcripts.get(part.id) ?? [];
  return {
    key: entry.key,
    id: part.id,
    time: entry.time,
    seconds: part.seconds,
    handle,
    open: thread.opens.at(-1),
    voicemail: part.voicemail ?? false,
    channels: part.channels ?? [],
    pauses: part.pauses ?? [],
    holds: part.holds ?? [],
    lines: isTimed(lines) ? lines.map((line) => lineOf(line, thread)) : [],
    transcript: lines.length > 0,
    drawn: (part.waveform ?? "full") === "full",
  };
}

function lineOf(line: TranscriptPart, thread: Pick<Thread, "people">): Line {
  const { role, name } = knownAs(line.speaker, personOf(thread, line.speaker, line.link));
  return { from: line.from, to: line.to, role, name, text: line.text ?? "" };
}

/** The same list as long as nothing in it has changed: messages that arrive are none of the player's business. */
export function useCalls(thread: Thread): readonly Call[] {
  const { entries, handles, transcripts, people, opens } = thread;
  const last = useRef<readonly Call[]>([]);
  return useMemo(() => {
    const calls = callsOf({ entries, handles, transcripts, people, opens });
    if (JSON.stringify(calls) !== JSON.stringify(last.current)) last.current = calls;
    return last.current;
  }, [entries, handles, transcripts, people, opens]);
}
