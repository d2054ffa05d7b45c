export type Piece = { text: string; href?: string };

// The scheme or "www." starts it; it runs to the next white space, quote or angle bracket. Every
// repetition is bounded, so that a hostile text costs time in proportion to its length.
const candidate =
  /\b(?:https?:\/\/|www\.)[^\s<>"'“”„«»]{1,2048}|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b/giu;
const trailing = ".,;:!?…、。，；：！？";

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
  let end = address.length;
  while (end > 0 && endsOutside(address, end)) end--;
  return address.slice(0, end);
}

function endsOutside(address: string, end: number): boolean {
  const last = address.charAt(end - 1);
  if (trailing.includes(last) || last === "}") return true;
  if (last === ")") return count(address, ")", end) > count(address, "(", end);
  return last === "]" && count(address, "]", end) > count(address, "[", end);
}

function count(text: string, letter: string, end: number): number {
  let found = 0;
  for (let at = text.indexOf(letter); at >= 0 && at < end; at = text.indexOf(letter, at + 1)) found++;
  return found;
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
