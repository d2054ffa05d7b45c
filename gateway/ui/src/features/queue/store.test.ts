import { describe, expect, it, vi } from "vitest";
import { QueueStore } from "./store";

const encoder = new TextEncoder();

/** An answer whose lines a test sends one by one. */
function feed() {
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      sink = controller;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const answer = new Response(body, { headers: { "Content-Type": "application/x-ndjson", "X-Request-Id": "req-1" } });
  const send = async (...lines: object[]) => {
    sink?.enqueue(encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
    await settle();
  };
  return { answer, send, cut: () => sink?.close(), left: () => cancelled };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const row = (id: string) => ({ type: "row", ref: { link: "zd", kind: "ticket", id }, agent: { id: "4101" } });
const end = (more: object = {}) => ({ type: "end", scanned: 2, filtered_here: [], from: "", to: "", ...more });

function storeWith(...answers: Response[]) {
  const fetched = vi.spyOn(globalThis, "fetch");
  for (const answer of answers) fetched.mockResolvedValueOnce(answer);
  return { store: new QueueStore({ link: "zd", filter: { tag: ["vip"] } }), fetched };
}

const idsOf = (store: QueueStore) => store.snapshot().rows.map((r) => r.ref.id);

describe("QueueStore", () => {
  it("shows rows as they come, and joins names that come later", async () => {
    const page = feed();
    const { store, fetched } = storeWith(page.answer);
    store.load();
    await settle();
    await page.send(row("1"));
    expect(idsOf(store)).toEqual(["1"]);
    await page.send(
      row("2"),
      { type: "person", id: "4101", name: "Mara", role: "agent" },
      { type: "progress", scanned: 2, of: 9 },
    );
    expect(store.snapshot().names.get("4101")).toBe("Mara");
    expect(store.snapshot()).toMatchObject({ state: "reading", scanned: 2, of: 9 });
    await page.send(end({ next: "c1.x" }));
    expect(store.snapshot()).toMatchObject({ state: "idle", next: "c1.x" });
    expect(String(fetched.mock.calls[0]?.[0])).toBe("/api/v1/links/zd/interactions?limit=100&tag=vip");
  });

  it("reads on behind the last row, and shows nothing twice", async () => {
    const [first, second] = [feed(), feed()];
    const { store, fetched } = storeWith(first.answer, second.answer);
    store.load();
    await settle();
    await first.send(row("1"), row("2"), end({ next: "c1.x" }));
    store.more();
    store.more(); // once only: it is reading already
    await settle();
    await second.send(row("2"), row("3"), end());
    expect(idsOf(store)).toEqual(["1", "2", "3"]);
    expect(String(fetched.mock.calls[1]?.[0])).toContain("cursor=c1.x");
    store.more();
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("keeps what came before a problem, and goes on from there", async () => {
    const [first, second] = [feed(), feed()];
    const { store } = storeWith(first.answer, second.answer);
    store.load();
    await settle();
    await first.send(row("1"));
    first.cut();
    await settle();
    expect(store.snapshot()).toMatchObject({ state: "problem" });
    expect(store.snapshot().problem?.code).toBe("cut");
    expect(idsOf(store)).toEqual(["1"]);
    store.load();
    await settle();
    await second.send(row("1"), end());
    expect(idsOf(store)).toEqual(["1"]);
  });

  it("ends the request and forgets the rows when it is left", async () => {
    const page = feed();
    const { store } = storeWith(page.answer);
    store.load();
    await settle();
    await page.send(row("1"));
    store.leave();
    expect(store.snapshot().rows).toEqual([]);
    await page.send(row("2"));
    expect(store.snapshot().rows).toEqual([]);
  });

  it("sends what was typed in a body, and in no address", async () => {
    const page = feed();
    const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValueOnce(page.answer);
    new QueueStore({ link: "zd", filter: { text: "hush" } }).load();
    await settle();
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(String(path)).toBe("/api/v1/links/zd/interactions/search");
    expect(JSON.parse(String(init?.body))).toEqual({ text: "hush", limit: 100 });
  });
});
