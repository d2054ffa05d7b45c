import { describe, expect, it } from "vitest";
import { bytes, clock, length } from "./times";

describe("times and sizes", () => {
  it("shows the viewer's time, and UTC beside the zone in the title", () => {
    const { minute, second, full } = clock("en-GB", "Asia/Tokyo");
    const at = new Date("2026-11-20T08:00:31.500Z");
    expect(minute(at)).toBe("17:00");
    expect(second(at)).toBe("17:00:31");
    expect(full(at)).toContain("2026-11-20 08:00:31 UTC");
  });

  it.each([
    [7.9, "0:07"],
    [93, "1:33"],
    [3725, "1:02:05"],
    [-1, "0:00"],
  ])("writes %d seconds as %s", (seconds, want) => {
    expect(length(seconds)).toBe(want);
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 KB"],
    [15156, "15 KB"],
    [999_700, "1 MB"],
    [3_400_000_000, "3.4 GB"],
  ])("writes %d bytes as %s", (size, want) => {
    expect(bytes(size)).toBe(want);
  });
});
