import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { firstRow, isInside, offsetOf, rowAt } from "./rows";
import type { Entry } from "./thread";
import { type Late, useAnchor } from "./useAnchor";

/** Up to here all rows are in the document, so that the browser's own search and Select all work. */
export const windowAbove = 300;

export type Align = "start" | "center" | "nearest" | "end";

export type ThreadScroll = {
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: Virtualizer<HTMLDivElement, HTMLElement>;
  windowed: boolean;
  /**
   * Brings a row into view, drawn or not, and then calls back with its element. Rows are named by
   * key: while parts arrive, an index soon means another row.
   */
  reveal: (key: string, align: Align, then?: (row: HTMLElement) => void) => void;
  /** Index of the first row that can be seen. */
  firstVisible: () => number;
  isVisible: (index: number) => boolean;
  /** Parts that came above what is being read, since one last looked there. */
  late: Late | undefined;
  forgetLate: () => void;
};

/**
 * useThreadScroll lays out the rows: windowed above 300, dynamic in height, and with one promise:
 * what is being read does not move. Rows that come or grow above it move the scroll position
 * instead (the browser's own anchoring gives up on a windowed list, so it is off).
 */
export function useThreadScroll(entries: readonly Entry[]): ThreadScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const windowed = entries.length > windowAbove;
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback((index: number) => guess(entries[index]), [entries]),
    getItemKey: useCallback((index: number) => entries[index]?.key ?? index, [entries]),
    overscan: 12,
  });
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false;
  const [late, setLate] = useState<Late>();
  useAnchor({ scroller, virtualizer, windowed, entries }, setLate);
  const reveal = useReveal(scroller, virtualizer, entries);
  return useMemo(() => {
    const firstVisible = () => Number(firstRow(scroller.current)?.dataset.index ?? 0);
    const isVisible = (index: number) => {
      const row = rowAt(scroller.current, index);
      return row !== null && isInside(row, scroller.current);
    };
    const forgetLate = () => setLate(undefined);
    return { scroller, virtualizer, windowed, reveal, firstVisible, isVisible, late, forgetLate };
  }, [virtualizer, windowed, reveal, late]);
}

const settleFrames = 4;
const searchFrames = 40;

function useReveal(
  scroller: RefObject<HTMLDivElement | null>,
  virtualizer: Virtualizer<HTMLDivElement, HTMLElement>,
  entries: readonly Entry[],
) {
  const running = useRef(0);
  const latest = useRef(entries);
  latest.current = entries;
  useEffect(() => {
    // Whoever scrolls decides: a jump that is still settling is given up.
    const stop = () => void running.current++;
    const box = scroller.current;
    for (const name of ["wheel", "touchstart", "pointerdown"] as const)
      box?.addEventListener(name, stop, { passive: true });
    return () => {
      stop();
      for (const name of ["wheel", "touchstart", "pointerdown"] as const) box?.removeEventListener(name, stop);
    };
  }, [scroller]);

  return useCallback(
    (key: string, align: Align, then?: (row: HTMLElement) => void) => {
      const run = ++running.current;
      let settled = 0;
      let frames = 0;
      const step = () => {
        const box = scroller.current;
        if (run !== running.current || !box || frames++ > searchFrames) return;
        const index = latest.current.findIndex((entry) => entry.key === key);
        const row = rowAt(box, index);
        if (!row) box.scrollTop = virtualizer.getOffsetForIndex(Math.max(0, index), "center")?.[0] ?? box.scrollTop;
        else {
          place(row, box, settled === 0 ? align : settledAlign(align));
          if (settled++ === 0) then?.(row);
          if (settled >= settleFrames) return;
        }
        requestAnimationFrame(step);
      };
      step();
    },
    [scroller, virtualizer],
  );
}

function settledAlign(align: Align): Align {
  return align === "center" ? "nearest" : align;
}

function place(row: HTMLElement, box: HTMLElement, align: Align) {
  const room = box.clientHeight - row.offsetHeight;
  const at = offsetOf(row, box);
  if (align === "start" || (align !== "end" && room < 0 && !isInside(row, box))) box.scrollTop = at;
  else if (align === "end") box.scrollTop = at - room;
  else if (align === "center") box.scrollTop = at - room / 2;
  else if (at < box.scrollTop) box.scrollTop = at;
  else if (at + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = at - room;
}

/** A guess by what is in it keeps the glass and long jumps near the truth until the row is measured. */
function guess(entry: Entry | undefined): number {
  const part = entry?.part;
  if (part?.type !== "message") return part?.type === "recording" ? 92 : 26;
  const text = part.text ?? part.html ?? "";
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 76)), 0);
  return 33 + 21 * Math.min(lines, 160) + 24 * Math.min(part.attachments?.length ?? 0, 7);
}
