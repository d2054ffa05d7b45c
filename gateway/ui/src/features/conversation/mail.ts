import { safeHref } from "./linkify";

/**
 * Formatted mail arrives cleaned by the gateway. Here it is parsed into a document of its own, which
 * runs no script and loads nothing, and shown in one of two ways: what is only paragraphs, lists,
 * links and emphasis becomes React elements (SimpleMail); the rest goes into a frame (MailFrame).
 */
export type Mail =
  | { look: "simple"; blocks: readonly MailNode[]; text: string }
  | { look: "rich"; html: string; text: string };

export type MailNode = string | MailElement | MailImage;
export type MailElement = {
  tag: SimpleTag;
  href: string | undefined;
  dir: string | undefined;
  start: number | undefined;
  children: readonly MailNode[];
};
/** A picture of the mail itself, which the gateway has put behind a handle. */
export type MailImage = { tag: "img"; src: string; alt: string; width: number | undefined; height: number | undefined };

const simpleTags = [
  "p", "div", "span", "br", "hr", "a", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small",
  "ul", "ol", "li", "blockquote", "pre", "code",
] as const; // biome-ignore format: one line a kind
export type SimpleTag = (typeof simpleTags)[number];

const simple: ReadonlySet<string> = new Set([...simpleTags, "img"]);
const handleAddress = /^\/api\/v1\/media\/[\w.~-]+$/;
// What carries no look of its own; `class` means nothing without the sender's style sheet.
const plainAttributes: ReadonlySet<string> = new Set([
  "class",
  "dir",
  "lang",
  "href",
  "title",
  "rel",
  "target",
  "start",
  "type",
  "id",
  "translate",
]);
const imageAttributes: ReadonlySet<string> = new Set([
  "src",
  "alt",
  "width",
  "height",
  "border",
  "class",
  "title",
  "id",
]);
const blockTags =
  /^(address|article|blockquote|div|dd|dl|dt|figure|h[1-6]|header|footer|hr|li|ol|p|pre|section|table|tr|ul|br)$/;
const unseen: ReadonlySet<string> = new Set(["style", "script", "head", "title", "template", "noscript"]);

export function parseMail(html: string): Mail {
  const parsed = new DOMParser().parseFromString(withoutStyle(html), "text/html");
  const text = textOf(parsed.body);
  if (styled.test(html) || !isSimple(parsed)) return { look: "rich", html, text };
  return { look: "simple", blocks: nodesOf(parsed.body), text };
}

// A parsed document inherits this page's policy, which refuses inline styles and reports each; the
// frame's own policy allows them. So here styles are taken out first: they carry no words.
const styled = /<style\b|<[^>]*\sstyle\s*=/i;
const styleElement = /<style\b[\s\S]*?<\/style\s*>/gi;
const tag = /<[^>]*>/g;
const styleAttribute = /\sstyle\s*=/gi;

function withoutStyle(html: string): string {
  if (!styled.test(html)) return html;
  return html.replace(styleElement, "").replace(tag, (whole) => whole.replace(styleAttribute, " data-style="));
}

function isSimple(parsed: Document): boolean {
  if (parsed.head.querySelector("style, link, base, meta")) return false;
  for (const element of parsed.body.querySelectorAll("*")) {
    if (!simple.has(element.localName)) return false;
    const allowed = element.localName === "img" ? imageAttributes : plainAttributes;
    if (element.getAttributeNames().some((name) => !allowed.has(name))) return false;
    if (element.localName === "img" && !handleAddress.test(element.getAttribute("src") ?? "")) return false;
  }
  return true;
}

function nodesOf(parent: Node): MailNode[] {
  const nodes: MailNode[] = [];
  for (const child of parent.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) nodes.push(child.textContent ?? "");
    else if (child.nodeType === Node.ELEMENT_NODE) nodes.push(nodeOf(child as Element));
  }
  return nodes;
}

function nodeOf(element: Element): MailNode {
  if (element.localName === "img") return imageOf(element);
  const dir = element.getAttribute("dir") ?? undefined;
  const start = Number.parseInt(element.getAttribute("start") ?? "", 10);
  return {
    tag: element.localName as SimpleTag,
    href: element.localName === "a" ? safeHref(element.getAttribute("href")) : undefined,
    dir: dir === "rtl" || dir === "ltr" ? dir : undefined,
    start: element.localName === "ol" && Number.isFinite(start) ? start : undefined,
    children: nodesOf(element),
  };
}

function imageOf(element: Element): MailImage {
  const pixels = (name: string) => {
    const value = Number.parseInt(element.getAttribute(name) ?? "", 10);
    return value > 0 && value <= 4000 ? value : undefined;
  };
  const { src = "", alt = "" } = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  return { tag: "img", src, alt, width: pixels("width"), height: pixels("height") };
}

/** textOf is what one reads: for the search, and for the plain view of a mail that came without text. */
export function textOf(root: Node): string {
  let out = "";
  const walk = (node: Node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      out += (node.textContent ?? "").replace(/\s+/g, " ");
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const name = (node as Element).localName;
    if (unseen.has(name)) return;
    const block = blockTags.test(name);
    if (block && out !== "" && !out.endsWith("\n")) out += "\n";
    for (const child of node.childNodes) walk(child);
    if (block && !out.endsWith("\n")) out += "\n";
  };
  for (const child of root.childNodes) walk(child);
  return out
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n[ \t]+/g, "\n")
    .trim();
}
