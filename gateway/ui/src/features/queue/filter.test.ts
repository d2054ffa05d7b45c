import { describe, expect, it } from "vitest";
import {
  asSeed,
  chipsOf,
  drawnFrom,
  drawOf,
  newSeed,
  queryOf,
  queueSearch,
  requestOf,
  undrawn,
  without,
} from "./filter";

const now = new Date("2026-11-24T10:00:00.400Z");

describe("what an address says of a list", () => {
  it("takes the names it knows, and nothing that was typed about a customer", () => {
    const search = {
      list: "zd",
      status: "solved,closed",
      "field.26364": "damaged",
      text: "secret",
      person: "Paula",
      m: "331",
      days: "30",
    };
    expect(queueSearch(search)).toEqual({ list: "zd", status: "solved,closed", "field.26364": "damaged", days: "30" });
    expect(queueSearch({ status: "solved" })).toEqual({});
    expect(queueSearch({ list: "zd", status: "x".repeat(501), "field.a b": "x", agent: 5 })).toEqual({ list: "zd" });
  });

  it("shows each filter, the dates first", () => {
    const chips = chipsOf({ list: "zd", status: "solved", "field.1": "a" }, { text: "late", person: "" });
    expect(chips.map((chip) => [chip.name, chip.value])).toEqual([
      ["dates", "7"],
      ["status", "solved"],
      ["field", "a"],
      ["text", "late"],
    ]);
    expect(chipsOf({ list: "zd", from: "2026-11-01T00:00:00Z", to: "2026-11-07" }, {})[0]?.value).toBe(
      "2026-11-01/2026-11-07",
    );
  });

  it("goes without one", () => {
    expect(without({ list: "zd", days: "30", from: "a", to: "b", tag: "x" }, "days")).toEqual({ list: "zd", tag: "x" });
    expect(undrawn({ list: "zd", seed: "s", n: "5", tag: "x" })).toEqual({ list: "zd", tag: "x" });
  });
});

describe("the request", () => {
  it("counts days back from now, and leaves the default to the gateway", () => {
    expect(requestOf({ list: "zd" }, {}, now)).toEqual({});
    expect(requestOf({ list: "zd", days: "30" }, {}, now)).toEqual({ from: "2026-10-25T10:00:00Z" });
    expect(requestOf({ list: "zd", days: "30", from: "2026-11-01", to: "2026-11-02" }, {}, now)).toEqual({
      from: "2026-11-01",
      to: "2026-11-02",
    });
  });

  it("becomes a query with commas and field names", () => {
    const request = requestOf(
      { list: "zd", status: "solved,closed", tag: "vip", "field.7": "a b", csat: "bad" },
      {},
      now,
    );
    expect(queryOf(request)).toBe("csat=bad&status=solved%2Cclosed&tag=vip&field.7=a+b");
  });

  it("carries what was typed, where something was", () => {
    expect(requestOf({ list: "zd" }, { text: "late", person: "" }, now)).toEqual({ text: "late" });
  });
});

describe("a draw", () => {
  it("fixes the dates, so that the address gives the same draw tomorrow", () => {
    const drawn = drawnFrom({ list: "zd", days: "14", tag: "vip" }, 5, "7K3M-9QXD", now);
    expect(drawn).toEqual({
      list: "zd",
      tag: "vip",
      n: "5",
      seed: "7K3M-9QXD",
      from: "2026-11-10T10:00:01Z",
      to: "2026-11-24T10:00:01Z",
    });
    expect(drawnFrom(drawn, 8, "AAAA-0000", new Date("2027-01-01"))).toEqual({ ...drawn, n: "8", seed: "AAAA-0000" });
    expect(drawOf(drawn)).toEqual({ n: 5, seed: "7K3M-9QXD" });
  });

  it("knows a seed however it is typed", () => {
    expect(asSeed(" 7k3m 9qxd ")).toBe("7K3M-9QXD");
    expect(asSeed("call me Ishmael")).toBeUndefined();
    expect(newSeed(new Uint8Array([0, 1, 2, 3, 31, 32, 255, 8]))).toBe("0123-Z0Z8");
    expect(drawOf({ n: "0", seed: "7K3M-9QXD" })).toBeUndefined();
    expect(drawOf({ n: "5", seed: "no" })).toBeUndefined();
  });
});
