import type { Span } from "../../components/listening";
import { addSpan } from "./spans";

/** Takes the spans to the audit log; a promise that is rejected hands them back for the next time. */
export type OnHeard = (recording: string, spans: readonly Span[]) => void | Promise<void>;

/** How often spans are handed on while something plays, in milliseconds. */
export const reportEvery = 15_000;

/** Busy and hidden pages look rarely, and what played meanwhile was heard; after so many seconds nobody can say. */
const longestLook = 30;

/** Heard notes what was really played, and hands on what is new: every 15 s and at leaving. */
export class Heard {
  private fresh = new Map<string, readonly Span[]>();
  private all = new Map<string, readonly Span[]>();
  private last: { recording: string; at: number; when: number } | undefined;
  private reportedAt: number | undefined; // the first look starts the clock

  constructor(private readonly onHeard: OnHeard | undefined) {}

  /** Called while it plays, some times a second. `when` is real time in milliseconds. */
  look(recording: string, at: number, speed: number, when: number): void {
    const last = this.last;
    this.reportedAt ??= when;
    this.last = { recording, at, when };
    if (last?.recording !== recording) return;
    const passed = (when - last.when) / 1000;
    const moved = at - last.at;
    if (moved <= 0 || passed > longestLook || moved > (passed + 0.25) * speed) return; // a seek is not heard
    for (const list of [this.fresh, this.all]) {
      list.set(recording, addSpan(list.get(recording) ?? [], { from: last.at, to: at }));
    }
    if (when - this.reportedAt >= reportEvery) this.report(when);
  }

  /** It stopped or jumped: the next look begins a new span. */
  lift(): void {
    this.last = undefined;
  }

  of(recording: string): readonly Span[] {
    return this.all.get(recording) ?? [];
  }

  /** Hands on what was not handed on yet. */
  report(when: number): void {
    this.reportedAt = when;
    const told = this.fresh;
    this.fresh = new Map();
    for (const [recording, spans] of told) {
      this.onHeard?.(recording, spans)?.catch(() => this.again(recording, spans));
    }
  }

  private again(recording: string, spans: readonly Span[]) {
    this.fresh.set(recording, spans.reduce(addSpan, this.fresh.get(recording) ?? []));
  }
}
