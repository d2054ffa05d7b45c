import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { firstRow, focusedRow, offsetOf } from "./rows";
import type { Entry } from "./thread";

/** Rows that came in above the one that is read, and the first of them. */
export type Late = { count: number; first: string };

type Given = {
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: Virtualizer<HTMLDivElement, HTMLElement>;
  windowed: boolean;
  entries: readonly Entry[];
};

/** The row that is held, where it stands in the content, and where the virtualizer has it. */
type Anchor = { row: HTMLElement; key: string; offset: number; start: number; firstKey: string };

/**
 * useAnchor keeps the promise that text which is being read does not move: after every commit the
 * held row (the focused one, else the first in view) is where it was on the screen. Offsets are those
 * in the content, so that scrolling between two commits does not count as a shift.
 *
 * In a windowed list hundreds of late rows above would push the held one out of the window before it
 * could be measured, and with it the reader's focus. So there the list is first moved by what the
 * virtualizer expects, while it is being drawn, and corrected by the pixel afterwards.
 */
export function useAnchor(
  { scroller, virtualizer, windowed, entries }: Given,
  onLate: (add: (before?: Late) => Late) => void,
) {
  const anchor = useRef<Anchor>(undefined);
  const known = useRef<readonly Entry[]>(entries);
  const expected = useRef(0);

  if (windowed && known.current !== entries && anchor.current && scroller.current) {
    const moved = startOf(virtualizer, entries, anchor.current.key) - anchor.current.start;
    if (Number.isFinite(moved)) {
      expected.current = moved;
      virtualizer.scrollOffset = scroller.current.scrollTop + moved;
    }
  }

  const mark = useCallback(() => {
    const box = scroller.current;
    const first = firstRow(box);
    const row = focusedRow(box) ?? first;
    if (!row || !first) {
      anchor.current = undefined;
      return;
    }
    const start = virtualizer.measurementsCache[Number(row.dataset.index)]?.start ?? Number.NaN;
    anchor.current = { row, key: keyOf(row), offset: offsetOf(row, box), start, firstKey: keyOf(first) };
  }, [scroller, virtualizer]);

  useLayoutEffect(() => {
    const box = scroller.current;
    const held = anchor.current;
    if (box && held) {
      const shift = held.row.isConnected ? offsetOf(held.row, box) - held.offset : expected.current;
      if (Math.abs(shift) >= 1) box.scrollTop += shift;
      const late = insertedAbove(known.current, entries, held.firstKey);
      if (late) onLate((before) => ({ count: (before?.count ?? 0) + late.count, first: late.first }));
    }
    expected.current = 0;
    known.current = entries;
    mark();
  });

  useEffect(() => {
    const box = scroller.current;
    box?.addEventListener("scroll", mark, { passive: true });
    return () => box?.removeEventListener("scroll", mark);
  }, [scroller, mark]);
}

function keyOf(row: HTMLElement): string {
  return row.dataset.key ?? "";
}

function startOf(virtualizer: Given["virtualizer"], entries: readonly Entry[], key: string): number {
  virtualizer.getTotalSize(); // takes in the new rows
  return virtualizer.measurementsCache[entries.findIndex((entry) => entry.key === key)]?.start ?? Number.NaN;
}

function insertedAbove(before: readonly Entry[], now: readonly Entry[], key: string): Late | undefined {
  if (before === now) return undefined;
  const was = before.findIndex((entry) => entry.key === key);
  const is = now.findIndex((entry) => entry.key === key);
  if (was < 0 || is <= was) return undefined;
  const old = new Set(before.slice(0, was).map((entry) => entry.key));
  const first = now.slice(0, is).find((entry) => !old.has(entry.key));
  return first && { count: is - was, first: first.key };
}
