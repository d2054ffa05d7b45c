export type Piece = { text: string; href?: string };

// The scheme or "www." starts it; it runs to the next white space, quote or angle bracket.
const candidate = /\b(?:https?:\/\/|www\.)[^\s<>"'“”„«»]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/giu;
const trailing = /[.,;:!?…、。，；：！？]+$/u;

/** linkify cuts plain text into pieces, those that are a web or mail address with their href. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(candidate)) {
    const address = withoutTrailing(match[0]);
    const href = safeHref(address.includes("@") && !address.includes("://") ? `mailto:${address}` : address);
    if (!href) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: address, href });
    at = match.index + address.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** Punctuation that ends the sentence, and a bracket that was opened before the address, are not part of it. */
function withoutTrailing(address: string): string {
  for (;;) {
    const cut = address.replace(trailing, "");
    const last = cut.at(-1);
    const unopened = (last === ")" && more(cut, ")", "(")) || (last === "]" && more(cut, "]", "[")) || last === "}";
    const next = unopened ? cut.slice(0, -1) : cut;
    if (next === address) return address;
    address = next;
  }
}

function more(text: string, closing: string, opening: string): boolean {
  return text.split(closing).length > text.split(opening).length;
}

/** safeHref returns an address that may be opened from this page, or undefined. */
export function safeHref(address: string | null | undefined): string | undefined {
  if (!address) return undefined;
  const spelled = /^www\./i.test(address) ? `https://${address}` : address.trim();
  const url = URL.parse?.(spelled) ?? parse(spelled);
  return url && ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : undefined;
}

function parse(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
