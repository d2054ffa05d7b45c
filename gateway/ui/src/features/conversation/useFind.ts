import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { findIn, type Hit } from "./find";
import type { Thread } from "./thread";

export type Find = {
  open: boolean;
  words: string;
  hits: readonly Hit[];
  /** Index into hits of the one that one has gone to. */
  at: number | undefined;
  current: Hit | undefined;
  setWords: (words: string) => void;
  show: () => void;
  close: () => void;
  /** Goes to the next hit, or the one before; from the row that is in view when there was none yet. */
  go: (by: 1 | -1, fromRow: number) => Hit | undefined;
};

type Place = { key: string; nth: number };

/**
 * useFind searches the thread in memory. The words live in this component and nowhere else: no
 * address, title or storage ever holds them.
 */
export function useFind(thread: Thread): Find {
  const [open, setOpen] = useState(false);
  const [words, setWordsNow] = useState("");
  const [place, setPlace] = useState<Place>();
  const late = useDeferredValue(words);
  const hits = useMemo(() => (open ? findIn(thread, late) : []), [open, thread, late]);
  const at = useMemo(() => indexOf(hits, thread, place), [hits, thread, place]);

  const setWords = useCallback((next: string) => {
    setWordsNow(next);
    setPlace(undefined);
  }, []);
  const close = useCallback(() => {
    setOpen(false);
    setWordsNow("");
    setPlace(undefined);
  }, []);
  const go = (by: 1 | -1, fromRow: number): Hit | undefined => {
    // Enter may come before the search that is put off has run: it is meant for the words as they stand.
    const all = late === words ? hits : findIn(thread, words);
    const next = at === undefined ? firstFrom(all, fromRow, by) : (at + by + all.length) % all.length;
    const hit = all[next];
    const key = hit && thread.entries[hit.row]?.key;
    if (!hit || key === undefined) return undefined;
    setPlace({ key, nth: hit.nth });
    return hit;
  };
  const current = at === undefined ? undefined : hits[at];
  return { open, words, hits, at, current, setWords, show: useCallback(() => setOpen(true), []), close, go };
}

/** Parts that arrive meanwhile change the row's index, not the hit. */
function indexOf(hits: readonly Hit[], thread: Thread, place: Place | undefined): number | undefined {
  if (!place) return undefined;
  const index = hits.findIndex((hit) => hit.nth === place.nth && thread.entries[hit.row]?.key === place.key);
  return index < 0 ? undefined : index;
}

function firstFrom(hits: readonly Hit[], row: number, by: 1 | -1): number {
  if (by === 1)
    return Math.max(
      0,
      hits.findIndex((hit) => hit.row >= row),
    );
  const last = hits.findLastIndex((hit) => hit.row <= row);
  return last < 0 ? hits.length - 1 : last;
}
