import { parseMail } from "./mail";
import type { ShownPart, TranscriptPart } from "./parts";
import type { Thread } from "./thread";

/** One occurrence in the thread: the index of its row, and which of the row's occurrences it is. */
export type Hit = { row: number; nth: number };

/**
 * findIn returns all occurrences of the words in what is read: messages, events, the names of
 * files, transcripts. Letters match without regard to case or accents. The words stay in memory.
 */
export function findIn(thread: Pick<Thread, "entries" | "transcripts">, words: string): Hit[] {
  const needle = fold(words.trim());
  if (needle === "") return [];
  return thread.entries.flatMap(({ part }, row) => {
    const count = countOf(searchedText(part, thread.transcripts), needle);
    return Array.from({ length: count }, (_, nth) => ({ row, nth }));
  });
}

/** rangesIn returns where the words stand in a text, as pairs of offsets, as findIn counts them. */
export function rangesIn(text: string, words: string): [number, number][] {
  const needle = fold(words.trim());
  if (needle === "") return [];
  const { folded, at } = foldWithOffsets(text);
  const ranges: [number, number][] = [];
  for (let hit = folded.indexOf(needle); hit >= 0; hit = folded.indexOf(needle, hit + needle.length)) {
    ranges.push([at[hit] ?? 0, at[hit + needle.length] ?? text.length]);
  }
  return ranges;
}

// Keyed by the part, so that the folded text goes when the part goes.
const foldedParts = new WeakMap<ShownPart, string>();
const foldedLines = new WeakMap<readonly TranscriptPart[], string>();

function searchedText(part: ShownPart, transcripts: Thread["transcripts"]): string {
  const own = remembered(foldedParts, part, () => fold(textOfPart(part)));
  const lines = part.type === "recording" ? transcripts.get(part.id) : undefined;
  if (!lines) return own;
  return `${own}\n${remembered(foldedLines, lines, () => fold(lines.map((line) => line.text ?? "").join("\n")))}`;
}

function textOfPart(part: ShownPart): string {
  switch (part.type) {
    case "message": {
      const files = (part.attachments ?? []).map((file) => file.name ?? "");
      return [part.html ? parseMail(part.html).text || oneLine(part.text) : oneLine(part.text), ...files].join("\n");
    }
    case "missing":
      return part.say;
    case "recording":
      return "";
    default:
      return oneLine(part.text);
  }
}

/** A line break inside a text is a space to whoever searches. */
function oneLine(text = ""): string {
  return text.replace(/\s/g, " ");
}

function remembered<K extends object>(known: WeakMap<K, string>, key: K, make: () => string): string {
  const text = known.get(key) ?? make();
  known.set(key, text);
  return text;
}

function countOf(text: string, needle: string): number {
  let count = 0;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) count++;
  return count;
}

const ascii = /^[\x20-\x7e\n\r\t]*$/;
const marks = /\p{M}+/gu;

export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return foldWithOffsets(text).folded;
}

/** Folded letter by letter, since folding may change the length; `at` leads back. */
function foldWithOffsets(text: string): { folded: string; at: number[] } {
  let folded = "";
  const at: number[] = [];
  let offset = 0;
  for (const letter of text) {
    const plain = letter.normalize("NFD").replace(marks, "").toLowerCase();
    for (let i = 0; i < plain.length; i++) at.push(offset);
    folded += plain;
    offset += letter.length;
  }
  return { folded, at };
}
