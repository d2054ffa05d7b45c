import { describe, expect, it } from "vitest";
import { asPart } from "./parts";

describe("asPart", () => {
  it.each([
    [{ type: "message", id: "1", author: null, visibility: "public", invented: true }, "message"],
    [{ type: "missing", what: "transcript", reason: "retention", say: "Gone." }, "missing"],
    [{ type: "end", parts: 0, provider_requests: 1 }, "end"],
  ])("takes %j", (value, type) => {
    expect(asPart(value)?.type).toBe(type);
  });

  it("makes a generic part of a type that it does not know", () => {
    expect(asPart({ type: "sentiment", id: "s1", at: "2026-11-20T08:00:00Z", text: "calm", score: 3 })).toEqual({
      type: "other",
      native: "sentiment",
      id: "s1",
      at: "2026-11-20T08:00:00Z",
      text: "calm",
      link: undefined,
    });
    expect(asPart({ type: "constructor", id: "s2" })?.type).toBe("other");
  });

  it.each([[null], ["end"], [[]], [{}], [{ type: 7 }], [{ type: "message" }], [{ type: "person", id: null }]])(
    "ignores %j, which is no part",
    (value) => {
      expect(asPart(value)).toBeUndefined();
    },
  );
});
