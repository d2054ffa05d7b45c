import { Problem } from "../../api/problem";
import { type Asked, type Line, listStream, type Row } from "./stream";

export type QueueState = "idle" | "reading" | "problem";

export type Queue = {
  readonly state: QueueState;
  readonly rows: readonly Row[];
  /** Names of agents, by id: they come after the rows. */
  readonly names: ReadonlyMap<string, string>;
  readonly scanned: number;
  /** How many the provider has, where it says so. */
  readonly of: number | undefined;
  readonly next: string | undefined;
  /** What the provider does not list, and why. */
  readonly missing: readonly string[];
  readonly problem: Problem | undefined;
};

const nothing: Queue = {
  state: "reading",
  rows: [],
  names: new Map(),
  scanned: 0,
  of: undefined,
  next: undefined,
  missing: [],
  problem: undefined,
};

export const keyOf = ({ ref }: Pick<Row, "ref">): string => `${ref.kind}/${ref.id}`;

/** Holds a list while it is shown. Leaving it ends the request and forgets everything. */
export class QueueStore {
  private current: Queue = nothing;
  private readonly listeners = new Set<() => void>();
  private readonly seen = new Set<string>();
  private abort: AbortController | undefined;

  constructor(private readonly asked: Asked) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): Queue => this.current;

  /** Reads the list from its beginning. */
  load = (): void => {
    this.seen.clear();
    this.current = nothing;
    this.read(undefined);
  };

  /** Reads the rows behind the last. */
  more = (): void => {
    if (this.current.state === "idle" && this.current.next) this.read(this.current.next);
  };

  /** Reads on where a problem stopped the list. */
  again = (): void => this.read(this.current.next);

  leave = (): void => {
    this.abort?.abort();
    this.abort = undefined;
    this.seen.clear();
    this.set(nothing);
  };

  /** Somebody here has just opened it: the row says so without being asked for again. */
  opened = (key: string, at: string): void => {
    const rows = this.current.rows.map((row) =>
      keyOf(row) === key ? { ...row, opened: { ...row.opened, you: at } } : row,
    );
    this.set({ rows });
  };

  private read(cursor: string | undefined): void {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.set({ state: "reading", problem: undefined });
    listStream({ ...this.asked, cursor }, abort.signal, (lines) => this.abort === abort && this.take(lines)).then(
      (end) => {
        if (this.abort !== abort) return;
        this.set({ state: "idle", next: end.next, scanned: end.scanned, of: end.count ?? this.current.of });
      },
      (cause: unknown) => {
        if (this.abort !== abort || abort.signal.aborted) return;
        const problem = cause instanceof Problem ? cause : Problem.cut(null);
        this.set({ state: "problem", problem, next: cursor });
      },
    );
  }

  /** Pages may overlap where tickets came in between: what is shown stays where it is. */
  private take(lines: readonly Line[]): void {
    const rows: Row[] = [];
    const change: { -readonly [K in keyof Queue]?: Queue[K] } = {};
    for (const line of lines) {
      if (line.type === "row" && !this.seen.has(keyOf(line))) {
        this.seen.add(keyOf(line));
        rows.push(line);
      } else if (line.type === "person" && line.name) {
        change.names = new Map(change.names ?? this.current.names).set(line.id, line.name);
      } else if (line.type === "progress") {
        change.scanned = line.scanned;
        change.of = line.of ?? this.current.of;
      } else if (line.type === "missing") {
        change.missing = [...(change.missing ?? this.current.missing), line.say];
      }
    }
    if (rows.length > 0) change.rows = [...this.current.rows, ...rows];
    if (Object.keys(change).length > 0) this.set(change);
  }

  private set(change: Partial<Queue>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}
