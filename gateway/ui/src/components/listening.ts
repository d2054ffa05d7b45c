import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from "react";
import type { Schemas } from "../api/problem";

// Where the thread and the player meet. The conversation knows which calls there are and what was
// said in them; the player plays. Features do not import each other, so both import this.

export type Role = Schemas["PersonRole"];

/** Seconds of a recording. */
export type Span = { readonly from: number; readonly to: number };

export type Line = {
  readonly from: number;
  readonly to: number | undefined;
  readonly role: Role;
  readonly name: string | undefined;
  readonly text: string;
};

/**
 * Some providers give a transcript as one text without a time: it can be read, but nothing in it can
 * be followed or sought.
 */
export function isTimed(lines: readonly { from: number; to?: number | undefined }[]): boolean {
  return lines.length > 1 || lines.some((line) => line.from > 0 || line.to !== undefined);
}

/** One recording as the thread has it. `key` is its row. */
export type Call = {
  readonly key: string;
  readonly id: string;
  /** Milliseconds; not a number when the provider does not say. */
  readonly time: number;
  readonly seconds: number | undefined;
  readonly handle: string;
  /** The opening that the handle comes from, a line in the audit log. */
  readonly open: string | undefined;
  readonly voicemail: boolean;
  /** Who is on which channel; empty when nobody says so. */
  readonly channels: readonly { readonly side: "left" | "right"; readonly role: Role }[];
  /** Not recorded; one without length is a cut. */
  readonly pauses: readonly Span[];
  /** Recorded, and nobody spoke: the caller waited. */
  readonly holds: readonly Span[];
  /** In order; none where the transcript has no times. */
  readonly lines: readonly Line[];
  /** There is a transcript to read, with times or without. */
  readonly transcript: boolean;
  /** Whether the recording may be read once more to draw it; some providers meter downloads. */
  readonly drawn: boolean;
};

/** What is heard now, as far as the thread shows it. It changes once a second and with each line. */
export type Playhead = {
  readonly key: string | undefined;
  readonly playing: boolean;
  readonly second: number;
  readonly seconds: number;
  /** Index of the line that is heard, or the last before it. */
  readonly line: number | undefined;
};

export type Listening = {
  subscribe: (listener: () => void) => () => void;
  playhead: () => Playhead;
  /** The calls that can be heard, in the thread's order, and how new handles are fetched for them. */
  offer: (calls: readonly Call[], renew: () => void) => void;
  toggle: (key: string) => void;
  /** Goes to a second; plays on if it was playing. */
  seek: (key: string, seconds: number) => void;
  /** Goes to a second and plays from there. */
  playFrom: (key: string, seconds: number) => void;
};

const silent: Playhead = { key: undefined, playing: false, second: 0, seconds: 0, line: undefined };
const nobody: Listening = {
  subscribe: () => () => undefined,
  playhead: () => silent,
  offer: () => undefined,
  toggle: () => undefined,
  seek: () => undefined,
  playFrom: () => undefined,
};

/** Without a player nothing can be heard, and the thread says the rest. */
export const ListeningContext = createContext<Listening>(nobody);

export const useListening = () => useContext(ListeningContext);

/** The playhead of one call: the strip of another is not drawn again. */
export function usePlayhead(key: string): Playhead {
  const { subscribe, playhead } = useListening();
  return useSyncExternalStore(
    subscribe,
    useCallback(() => {
      const now = playhead();
      return now.key === key ? now : silent;
    }, [playhead, key]),
  );
}

/** Tells the player which calls the thread holds; the player forgets them when the thread goes. */
export function useOffer(calls: readonly Call[], renew: () => void): void {
  const { offer } = useListening();
  useEffect(() => offer(calls, renew), [offer, calls, renew]);
  useEffect(() => () => offer([], () => undefined), [offer]);
}
