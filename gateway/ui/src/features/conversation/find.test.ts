import { describe, expect, it } from "vitest";
import { findIn, fold, rangesIn } from "./find";
import { event, many, message } from "./fixtures";
import { emptyThread, merge } from "./thread";

describe("findIn", () => {
  const thread = merge(emptyThread, [
    message("1", { text: "Où est le colis ? OU EST-IL" }),
    message("2", { text: "unseen", html: "<p>The <b>par</b>cel, the parcel</p>" }),
    message("3", { text: "x", attachments: [{ id: "7", name: "parcel.png", state: "ok" }] }),
    event("e", "2026-11-20T08:10:00Z", { text: "parcel → returns" }),
    { type: "recording", id: "171", at: "2026-11-20T08:20:00Z" },
    { type: "transcript", recording: "171", from: 1, text: "your Parcel is late" },
  ]);

  it.each([
    ["parcel", [1, 1, 2, 3, 4]],
    ["  PARCEL ", [1, 1, 2, 3, 4]],
    ["ou est", [0, 0]],
    ["où est", [0, 0]],
    ["unseen", []],
    ["", []],
    ["   ", []],
    ["(parcel", []],
  ])("finds %j in rows %j", (words, rows) => {
    expect(findIn(thread, words).map((hit) => hit.row)).toEqual(rows);
  });

  it("numbers the hits of a row", () => {
    expect(findIn(thread, "parcel").slice(0, 2)).toEqual([
      { row: 1, nth: 0 },
      { row: 1, nth: 1 },
    ]);
  });

  it("searches 1,200 comments fast enough to type", () => {
    const long = merge(emptyThread, many(1200));
    findIn(long, "warm");
    const begun = performance.now();
    expect(findIn(long, "needle")).toHaveLength(12);
    expect(performance.now() - begun).toBeLessThan(100);
  });
});

describe("rangesIn", () => {
  it("leads back to the letters as they are written", () => {
    const text = "Ça va, İstanbul? ça va!";
    expect(rangesIn(text, "CA VA").map(([from, to]) => text.slice(from, to))).toEqual(["Ça va", "ça va"]);
    expect(rangesIn(text, "istanbul").map(([from, to]) => text.slice(from, to))).toEqual(["İstanbul"]);
  });

  it("folds case and accents, and leaves other scripts alone", () => {
    expect(fold("ÉTÉ")).toBe("ete");
    expect(fold("佐藤")).toBe("佐藤");
  });
});
