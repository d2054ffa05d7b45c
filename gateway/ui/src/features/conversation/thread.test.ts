import { describe, expect, it } from "vitest";
import { agent, customer, event, header, message } from "./fixtures";
import type { ContentPart, TranscriptPart } from "./parts";
import { attachmentKey, emptyThread, knownAs, merge, personOf } from "./thread";

const keys = (parts: readonly ContentPart[], from = emptyThread) =>
  merge(from, parts).entries.map((entry) => entry.key);

describe("merge", () => {
  it("sorts messages and events into one timeline, stably", () => {
    const same = "2026-11-20T08:05:00.000Z";
    expect(
      keys([message("9"), event("e1", same), event("e2", same), message("5", { at: same }), message("1")]),
    ).toEqual(["message::1", "event::e1", "event::e2", "message::5", "message::9"]);
  });

  it("lets a part without a time stand where it arrived", () => {
    const { at: _, ...untimed } = message("7");
    expect(
      keys([message("1"), untimed, message("2"), { type: "missing", what: "events", reason: "no_scope", say: "No." }]),
    ).toEqual(["message::1", "message::7", "message::2", "missing::events:no_scope"]);
  });

  it("tells what is missing of two calls apart, and joins what is equal", () => {
    const missing = { type: "missing", what: "recording", reason: "not_found", say: "None." } as const;
    expect(keys([missing, { ...missing, of: "11" }, { ...missing, of: "12" }, { ...missing, of: "11" }])).toEqual([
      "missing::recording:not_found",
      "missing::recording:not_found:11",
      "missing::recording:not_found:12",
    ]);
  });

  it("puts late parts in their place and keeps the rows that were there", () => {
    const first = merge(emptyThread, [message("1"), message("9")]);
    const then = merge(first, [event("e1", "2026-11-20T08:04:00.000Z")]);
    expect(then.entries.map((entry) => entry.key)).toEqual(["message::1", "event::e1", "message::9"]);
    expect(then.entries[0]).toBe(first.entries[0]);
    expect(then.entries[2]).toBe(first.entries[1]);
  });

  it("adds nothing twice when the stream is read again with fresh handles", () => {
    const parts = (seal: string): ContentPart[] => [
      { ...header, open: `open-${seal}` },
      customer,
      message("1", {
        html: `<p><img src="/api/v1/media/h1.${seal}"></p>`,
        attachments: [{ id: "71", state: "ok", name: "a.png", handle: `h1.${seal}` }],
      }),
      { type: "recording", id: "171", at: "2026-11-20T09:00:00Z", handle: `h1.r${seal}` },
      { type: "transcript", recording: "171", from: 1.5, text: "Hello" },
      event("e1", "2026-11-20T08:30:00Z"),
    ];
    const once = merge(emptyThread, parts("a"));
    const twice = merge(once, parts("b"));
    expect(twice.entries).toBe(once.entries);
    expect(twice.people).toBe(once.people);
    expect(twice.transcripts).toBe(once.transcripts);
    expect(twice.messages).toBe(1);
    expect(twice.handles.get(attachmentKey("message::1", { id: "71", state: "ok" }))).toBe("h1.b");
    expect(twice.handles.get("recording::171")).toBe("h1.rb");
    expect(twice.opens).toEqual(["open-a", "open-b"]);
  });

  it("replaces what has changed at the provider meanwhile and keeps what is not sent again", () => {
    const once = merge(emptyThread, [message("1"), message("2")]);
    const twice = merge(once, [message("1", { text: "▇▇", redacted: true })]);
    expect(twice.entries.map(({ part }) => ("text" in part ? part.text : ""))).toEqual(["▇▇", "Text of 2"]);
    expect(twice.messages).toBe(2);
  });

  it("keeps parts of other links and of other types apart, though the ids are the same", () => {
    expect(keys([message("1"), message("1", { link: "td" }), event("1", "2026-11-20T08:59:00Z")])).toHaveLength(3);
  });

  it("merges a later header field by field", () => {
    const { header: merged } = merge(emptyThread, [
      header,
      { ...header, subject: undefined, status: "closed", tags: undefined },
    ]);
    expect(merged).toMatchObject({ subject: "Parcel late", status: "closed", tags: ["vip", "late_parcel"] });
  });

  it("joins people by id, whether they come before or after", () => {
    const thread = merge(emptyThread, [
      message("1"),
      customer,
      message("2", { author: { id: "4100", name: "R." } }),
      agent,
    ]);
    const authors = thread.entries.map(({ part }) => {
      const who = part.type === "message" ? part.author : undefined;
      return knownAs(who, personOf(thread, who));
    });
    expect(authors).toEqual([
      { id: "801", name: "Pauline", role: "customer" },
      { id: "4100", name: "Rin", role: "agent" },
    ]);
    expect(knownAs({ id: null, name: "Bot", role: "bot" }, undefined)).toEqual({
      id: undefined,
      name: "Bot",
      role: "bot",
    });
    expect(knownAs(null, undefined)).toEqual({ id: undefined, name: undefined, role: "unknown" });
  });

  it("orders the lines of a transcript by time, however late they come", () => {
    const line = (from: number): TranscriptPart => ({ type: "transcript", recording: "171", from, text: String(from) });
    const thread = merge(merge(emptyThread, [line(3), line(9)]), [line(6), line(3)]);
    expect(thread.transcripts.get("171")?.map((one) => one.from)).toEqual([3, 6, 9]);
  });

  it("says what we wait for until the next part comes", () => {
    const waiting = merge(emptyThread, [header, { type: "wait", for: "metadata" }]);
    expect(waiting.waitingFor).toBe("metadata");
    expect(merge(waiting, [message("1")]).waitingFor).toBeUndefined();
  });

  it("keeps the order of 2,000 shuffled parts the same as that of sorted ones", () => {
    const parts = Array.from({ length: 2000 }, (_, i) => message(String(i), { at: new Date(i * 1000).toISOString() }));
    const shuffled = parts.map((part, i) => ({ part, at: (i * 7919) % 2003 })).sort((a, b) => a.at - b.at);
    expect(keys(shuffled.map(({ part }) => part))).toEqual(keys(parts));
  });
});
