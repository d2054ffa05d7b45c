import { describe, expect, it } from "vitest";
import { linkify, safeHref } from "./linkify";

const links = (text: string) => linkify(text).flatMap((piece) => (piece.href ? [[piece.text, piece.href]] : []));

describe("linkify", () => {
  it.each([
    ["see https://a.example/x.", [["https://a.example/x", "https://a.example/x"]]],
    ["(https://a.example/x(1))", [["https://a.example/x(1)", "https://a.example/x(1)"]]],
    ["(see https://a.example/x)", [["https://a.example/x", "https://a.example/x"]]],
    ["www.a.example, please", [["www.a.example", "https://www.a.example/"]]],
    ["mail p@a.example!", [["p@a.example", "mailto:p@a.example"]]],
    ["配送https://a.example/追跡。", [["https://a.example/追跡", "https://a.example/%E8%BF%BD%E8%B7%A1"]]],
    ["javascript:alert(1) data:text/html,x", []],
    ["no address here", []],
  ])("finds in %j", (text, want) => {
    expect(links(text)).toEqual(want);
  });

  it("gives back the whole text, piece by piece", () => {
    const text = "a https://b.example/c, d www.e.example; f";
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  it.each([
    ["words", "x".repeat(200_000)],
    ["dots", "x.".repeat(100_000)],
    ["half addresses", "a.b-c_d@".repeat(25_000)],
    ["an endless address", `https://${".".repeat(100_000)}x ${"https://".repeat(12_000)}`],
    ["brackets", `https://x${")".repeat(200_000)}`],
  ])("takes time in proportion to a hostile text of %s", (_, text) => {
    const begun = performance.now();
    linkify(text);
    expect(performance.now() - begun).toBeLessThan(3000); // quadratic: minutes
  });
});

describe("safeHref", () => {
  it.each([
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "/api/v1/session",
    "#top",
    "",
    "blob:x",
  ])("refuses %j", (address) => {
    expect(safeHref(address)).toBeUndefined();
  });
});
