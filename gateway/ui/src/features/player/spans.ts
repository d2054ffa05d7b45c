import type { Span } from "../../components/listening";

/** Two spans that are this near to each other (seconds) are one: the clock is read some times a second. */
const near = 0.05;

/** addSpan merges a span into a list that is sorted and has no overlaps; the list stays so. */
export function addSpan(spans: readonly Span[], { from, to }: Span): readonly Span[] {
  if (!(to > from)) return spans;
  const before = spans.filter((span) => span.to < from - near);
  const after = spans.filter((span) => span.from > to + near);
  const touched = spans.slice(before.length, spans.length - after.length);
  const merged = {
    from: Math.min(from, touched[0]?.from ?? from),
    to: Math.max(to, touched.at(-1)?.to ?? to),
  };
  return [...before, merged, ...after];
}

export function spanAt(spans: readonly Span[], seconds: number): Span | undefined {
  return spans.find((span) => seconds >= span.from && seconds < span.to);
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
