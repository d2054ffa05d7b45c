import type { Entry } from "./thread";
import { dayKey } from "./times";

/** A stretch of the glass, in thousandths of its height. */
export type Band = { kind: "agent" | "customer" | "internal" | "other"; from: number; to: number };

export type Measured = { start: number; size: number };

/** bandsOf maps messages to where they stand in the thread; who is resolved by the caller. */
export function bandsOf(
  entries: readonly Entry[],
  rows: readonly Measured[],
  total: number,
  kindOf: (entry: Entry) => Band["kind"],
): Band[] {
  if (total <= 0) return [];
  return entries.flatMap((entry, i): Band[] => {
    const row = rows[i];
    if (!row || entry.part.type !== "message") return [];
    return [{ kind: kindOf(entry), from: (row.start / total) * 1000, to: ((row.start + row.size) / total) * 1000 }];
  });
}

/** daysOf gives where a day begins, but for the first. */
export function daysOf(entries: readonly Entry[], rows: readonly Measured[], total: number): number[] {
  const days: number[] = [];
  for (let i = 1; i < entries.length; i++) {
    const [before, now] = [entries[i - 1]?.time ?? 0, entries[i]?.time ?? 0];
    if (Number.isFinite(before) && Number.isFinite(now) && dayKey(before) !== dayKey(now)) {
      days.push(((rows[i]?.start ?? 0) / Math.max(1, total)) * 1000);
    }
  }
  return days;
}

/** pathOf draws bands of one kind as one path: a hollow one is its two edges. */
export function pathOf(bands: readonly Band[], kind: Band["kind"]): string {
  const edges: readonly [number, number][] = {
    agent: [[0, 6]],
    customer: [
      [0, 1.5],
      [4.5, 1.5],
    ],
    internal: [[2, 4]],
    other: [[2.5, 1]],
  }[kind] as [number, number][];
  return bands
    .filter((band) => band.kind === kind)
    .flatMap(({ from, to }) =>
      edges.map(
        ([x, width]) => `M${x} ${from.toFixed(1)}h${width}V${Math.max(from + 0.6, to - 0.8).toFixed(1)}h${-width}z`,
      ),
    )
    .join("");
}

// While bytes arrive nobody knows how many there will be: the level nears the top and never reaches
// it. 16 KB is about thirty messages.
const halfFull = 16 * 1024;

export function levelOf(bytes: number, complete: boolean): number {
  return complete ? 1 : bytes / (bytes + halfFull);
}
