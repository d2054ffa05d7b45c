import { Problem } from "../../api/problem";
import type { ContentPart, EndPart } from "./parts";
import { type Opening, openStream } from "./stream";
import { emptyThread, merge, type Thread } from "./thread";

/** One state at a time. What has arrived stays in `thread` through all of them but the last. */
export type Progress =
  | { state: "connecting"; since: number }
  | { state: "streaming"; lastAt: number }
  | { state: "ended"; end: EndPart }
  | { state: "problem"; problem: Problem }
  | { state: "left" };

export type Interaction = {
  readonly progress: Progress;
  readonly thread: Thread;
  /** Bytes of content so far; they fill the glass. */
  readonly bytes: number;
  /** How often it was opened: 1, and one more for each "Try again". */
  readonly attempt: number;
};

const nothing: Interaction = { progress: { state: "left" }, thread: emptyThread, bytes: 0, attempt: 0 };

/** Before the first effect runs nothing is asked for yet; it looks the same as waiting for an answer. */
const opening = (): Interaction => ({ ...nothing, progress: { state: "connecting", since: Date.now() } });

/** A frame at most; hidden pages get no frames, so a timer stands in. */
type Later = (run: () => void) => () => void;

export function nextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, 120);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/**
 * InteractionStore holds what is shown of one interaction while it is shown, and only then: leave()
 * aborts the stream and forgets everything. Parts that arrive within a frame become one change, so
 * that a thread of 1,200 messages is not drawn 1,200 times.
 */
export class InteractionStore {
  private current: Interaction = opening();
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | undefined;
  private queued: ContentPart[] = [];
  private queuedBytes = 0;
  private cancelFlush: (() => void) | undefined;

  constructor(
    private readonly opening: Opening,
    private readonly later: Later = nextFrame,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): Interaction => this.current;

  /** open streams the interaction; called again, it streams it once more and merges. */
  open = (): void => {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.drop();
    this.set({ progress: { state: "connecting", since: Date.now() }, attempt: this.current.attempt + 1 });
    openStream(this.opening, abort.signal, ({ parts, bytes }) => this.take(abort, parts, bytes))
      .then((end) => this.finish(abort, { state: "ended", end }))
      .catch((cause: unknown) => this.finish(abort, { state: "problem", problem: asProblem(cause) }));
  };

  /** leave ends the provider's request within a second and empties the memory. */
  leave = (): void => {
    this.abort?.abort();
    this.abort = undefined;
    this.drop();
    this.current = nothing;
    this.tell();
  };

  private take(abort: AbortController, parts: readonly ContentPart[], bytes: number) {
    if (this.abort !== abort) return;
    for (const part of parts) this.queued.push(part);
    this.queuedBytes += bytes;
    this.cancelFlush ??= this.later(() => this.flush());
  }

  private flush() {
    const [parts, bytes] = [this.queued, this.queuedBytes];
    this.drop();
    const { thread, progress } = this.current;
    const next = onlyWaits(parts) ? progress : ({ state: "streaming", lastAt: Date.now() } satisfies Progress);
    this.set({ progress: next, thread: merge(thread, parts), bytes: this.current.bytes + bytes });
  }

  private finish(abort: AbortController, progress: Progress) {
    if (this.abort !== abort) return;
    if (this.cancelFlush) this.flush();
    this.set({ progress });
  }

  private drop() {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    this.queued = [];
    this.queuedBytes = 0;
  }

  private set(change: Partial<Interaction>) {
    this.current = { ...this.current, ...change };
    this.tell();
  }

  private tell() {
    for (const listener of this.listeners) listener();
  }
}

/** A `wait` says that nothing came: the clock of what we wait for goes on. */
function onlyWaits(parts: readonly ContentPart[]): boolean {
  return parts.every((part) => part.type === "wait");
}

function asProblem(cause: unknown): Problem {
  return cause instanceof Problem ? cause : Problem.unreachable();
}
