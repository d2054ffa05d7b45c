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

  it("is quick with a long text that holds no address", () => {
    const begun = performance.now();
    linkify("a.b-c_d@".repeat(20_000));
    linkify("x".repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(1000);
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
