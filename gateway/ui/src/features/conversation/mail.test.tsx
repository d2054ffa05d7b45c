import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { type Mail, parseMail } from "./mail";
import { SimpleMail } from "./SimpleMail";

function shown(html: string): HTMLElement {
  const mail = parseMail(html);
  if (mail.look !== "simple") throw new Error(`got a ${mail.look} mail, want a simple one: ${html}`);
  return render(<SimpleMail blocks={mail.blocks} />).container;
}

describe("parseMail", () => {
  it.each<[string, Mail["look"]]>([
    ['<div class="zd-comment" dir="auto"><p dir="auto">Where <b>is</b> it?</p><ul><li>a</li></ul><br></div>', "simple"],
    ["plain words", "simple"],
    ['<p style="color:red">x</p>', "rich"],
    ["<style>p{color:red}</style><p>x</p>", "rich"],
    ["<table><tr><td>x</td></tr></table>", "rich"],
    ['<p><img src="/api/v1/media/h1.x" alt="label" width="480"></p>', "simple"],
    ['<p><img src="https://evil.example/p.gif"></p>', "rich"],
    ['<p><img src="/api/v1/media/../session"></p>', "rich"],
    ['<p><img src="/api/v1/media/h1.x" onerror="x()"></p>', "rich"],
    ['<p onclick="x()">x</p>', "rich"],
    ["<h1>Sale</h1>", "rich"],
  ])("%j is %s", (html, look) => {
    expect(parseMail(html).look).toBe(look);
  });

  it("reads the words as one reads them, without those of styles", () => {
    const html =
      '<style>.a{content:"hidden"}</style><div style="color:red">One</div><p>two  <b>three</b><br>four</p><table><tr><td>five</td></tr></table>';
    expect(parseMail(html).text).toBe("One\ntwo three\nfour\nfive");
  });
});

describe("SimpleMail", () => {
  it("builds elements: emphasis, lists, links that open outside", () => {
    const container = shown(
      '<p>a <strong>b</strong></p><ol start="3"><li>c</li></ol><a href="https://a.example/">d</a>',
    );
    expect(container.querySelector("strong")?.textContent).toBe("b");
    expect(container.querySelector("ol")?.getAttribute("start")).toBe("3");
    const link = container.querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://a.example/");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
    expect(link?.getAttribute("target")).toBe("_blank");
  });

  it.each([
    '<a href="javascript:alert(1)">x</a>',
    '<a href="  java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="/api/v1/session">x</a>',
  ])("makes no link of %j", (html) => {
    const container = shown(html);
    expect(container.querySelector("a")).toBeNull();
    expect(container.textContent).toBe("x");
  });

  it.each([
    "<script>alert(1)</script>x",
    '<img src=x onerror="alert(1)">',
    "<svg onload=alert(1)></svg>",
    "<form action=//evil.example><input></form>",
    '<p id="x" onmouseover="alert(1)">x</p>',
    "<base href=//evil.example>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  ])("never builds %j: it goes into the frame", (html) => {
    expect(parseMail(html).look).toBe("rich");
  });

  it("shows the mail's own pictures where they stand", () => {
    const image = shown(
      '<p>see <img src="/api/v1/media/h1.x" alt="label" width="480" height="9999"></p>',
    ).querySelector("img");
    expect(image?.getAttribute("src")).toBe("/api/v1/media/h1.x");
    expect(image?.getAttribute("alt")).toBe("label");
    expect(image?.getAttribute("width")).toBe("480");
    expect(image?.getAttribute("height")).toBeNull();
  });

  it("shows markup that was escaped as the words it is", () => {
    expect(shown("<p>&lt;img src=x onerror=alert(1)&gt;</p>").querySelector("img")).toBeNull();
  });
});
