import { describe, expect, it, vi } from "vitest";
import { end, feed, header, linesOf, many, message } from "./fixtures";
import { InteractionStore } from "./store";

/** A clock of frames that the test ticks. */
function frames() {
  const waiting = new Set<() => void>();
  return {
    later: (run: () => void) => {
      waiting.add(run);
      return () => void waiting.delete(run);
    },
    tick: () => {
      const now = [...waiting];
      waiting.clear();
      for (const run of now) run();
    },
    waiting: () => waiting.size,
  };
}

function started() {
  const feeds = [feed(), feed()];
  const signals: AbortSignal[] = [];
  let call = 0;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    if (init?.signal) signals.push(init.signal);
    return (feeds[call++] as ReturnType<typeof feed>).answer;
  });
  const clock = frames();
  const store = new InteractionStore({ link: "zd", kind: "ticket", id: "5012" }, clock.later);
  let changes = 0;
  store.subscribe(() => changes++);
  store.open();
  return {
    store,
    first: feeds[0] as ReturnType<typeof feed>,
    second: feeds[1] as ReturnType<typeof feed>,
    clock,
    signals,
    changes: () => changes,
  };
}

const settled = () => new Promise((done) => setTimeout(done, 5));

describe("InteractionStore", () => {
  it("goes from connecting over streaming to ended", async () => {
    const { store, first, clock } = started();
    expect(store.snapshot().progress.state).toBe("connecting");
    first.send(linesOf([header, message("1")]));
    await settled();
    clock.tick();
    expect(store.snapshot().progress.state).toBe("streaming");
    first.send(linesOf([end]));
    await settled();
    expect(store.snapshot().progress).toEqual({ state: "ended", end });
    expect(store.snapshot().thread.messages).toBe(1);
    expect(store.snapshot().bytes).toBe(linesOf([header, message("1"), end]).length);
  });

  it("makes one change a frame of 1,200 parts in 300 chunks", async () => {
    const { store, first, clock, changes } = started();
    const parts = many(1200);
    for (let i = 0; i < parts.length; i += 4) first.send(linesOf(parts.slice(i, i + 4)));
    await settled();
    clock.tick();
    first.send(linesOf([end]));
    await vi.waitFor(() => expect(store.snapshot().progress.state).toBe("ended"));
    expect(store.snapshot().thread.entries).toHaveLength(1200);
    expect(changes()).toBeLessThanOrEqual(6);
  });

  it("keeps what was shown after a cut, and trying again adds nothing twice", async () => {
    const { store, first, second } = started();
    first.send(linesOf([header, message("1"), message("2")]));
    await settled();
    first.cut();
    await vi.waitFor(() => expect(store.snapshot().progress.state).toBe("problem"));
    expect(store.snapshot().thread.messages).toBe(2);

    store.open();
    expect(store.snapshot().progress.state).toBe("connecting");
    expect(store.snapshot().thread.messages).toBe(2);
    second.send(linesOf([header, message("1"), message("2"), message("3"), end]));
    await vi.waitFor(() => expect(store.snapshot().progress.state).toBe("ended"));
    expect(store.snapshot().thread.entries.map((entry) => entry.key)).toEqual([
      "message::1",
      "message::2",
      "message::3",
    ]);
    expect(store.snapshot().attempt).toBe(2);
  });

  it("aborts the request and forgets everything when left", async () => {
    const { store, first, clock, signals } = started();
    first.send(linesOf([header, message("1")]));
    await settled();
    clock.tick();
    first.send(linesOf([message("2")]));
    await settled();
    store.leave();
    expect(signals[0]?.aborted).toBe(true);
    expect(clock.waiting()).toBe(0);
    expect(JSON.stringify(store.snapshot())).not.toContain("Text of");
    expect(store.snapshot().progress.state).toBe("left");
    first.send(linesOf([message("3"), end]));
    await settled();
    clock.tick();
    expect(store.snapshot().thread.entries).toEqual([]);
    expect(store.snapshot().progress.state).toBe("left");
  });

  it("does not take a wait for a part: the clock of what we wait for goes on", async () => {
    const { store, first, clock } = started();
    first.send(linesOf([header]));
    await settled();
    clock.tick();
    const before = store.snapshot().progress;
    first.send(linesOf([{ type: "wait", for: "metadata" }]));
    await settled();
    clock.tick();
    expect(store.snapshot().progress).toBe(before);
    expect(store.snapshot().thread.waitingFor).toBe("metadata");
  });
});
