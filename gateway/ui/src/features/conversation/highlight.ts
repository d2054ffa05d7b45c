import { rangesIn } from "./find";

// Hits are lit with the CSS Custom Highlight API: no element is added, so rows are not drawn again,
// and a hit may run over the edge of a bold word. Where a browser lacks it the row itself is marked.

type Registry = { set(name: string, highlight: unknown): unknown; delete(name: string): boolean };
type Lit = Window & { CSS?: { highlights?: Registry }; Highlight?: new (...ranges: Range[]) => unknown };

const all = "sg-hit";
const now = "sg-hit-now";

/** light marks the words in every drawn row, and one hit apart; it returns the range of that one. */
export function light(
  root: HTMLElement,
  words: string,
  current: { row: number; nth: number } | undefined,
): Range | undefined {
  const ranges = new Map<Window, Range[]>();
  let found: Range | undefined;
  for (const row of words.trim() === "" ? [] : root.querySelectorAll<HTMLElement>("[data-index]")) {
    const inRow = rangesOf(row, words);
    if (current && Number(row.dataset.index) === current.row) found = inRow[current.nth] ?? inRow.at(-1);
    for (const range of inRow) {
      const window = range.startContainer.ownerDocument?.defaultView;
      if (window) ranges.set(window, [...(ranges.get(window) ?? []), range]);
    }
  }
  for (const window of windowsOf(root)) show(window, ranges.get(window) ?? [], found);
  return found;
}

/** unlight forgets every hit. */
export function unlight() {
  show(window, [], undefined);
}

function windowsOf(root: HTMLElement): Window[] {
  const frames = [...root.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  return [window, ...frames.filter((inside) => inside !== null)];
}

function show(window: Lit, ranges: readonly Range[], current: Range | undefined) {
  const registry = window.CSS?.highlights;
  if (!registry || !window.Highlight) return;
  registry.delete(all);
  registry.delete(now);
  if (ranges.length > 0) registry.set(all, new window.Highlight(...ranges));
  if (current && ranges.includes(current)) registry.set(now, new window.Highlight(current));
}

/** In the order in which findIn counts them: what is written, then the names of the files. */
function rangesOf(row: HTMLElement, words: string): Range[] {
  return [...row.querySelectorAll<HTMLElement>("[data-find], iframe")].flatMap((element) => {
    if (element instanceof HTMLIFrameElement) {
      const body = element.contentDocument?.body;
      return body ? rangesUnder(body, words) : [];
    }
    return rangesUnder(element, words);
  });
}

const blocks =
  "address,article,blockquote,dd,div,dl,dt,figure,h1,h2,h3,h4,h5,h6,hr,li,ol,p,pre,section,table,td,th,tr,ul,body";

function rangesUnder(root: HTMLElement, words: string): Range[] {
  const document = root.ownerDocument;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: { node: Text; at: number }[] = [];
  let text = "";
  let block: Element | null | undefined;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const parent = node.parentElement;
    if (!parent || parent.closest("style, script")) continue;
    const own = parent.closest(blocks);
    if (block !== undefined && own !== block) text += "\n";
    block = own;
    nodes.push({ node, at: text.length });
    text += node.data.replace(/\s/g, " ");
  }
  return rangesIn(text, words).map(([from, to]) => {
    const range = document.createRange();
    const [start, end] = [nodeAt(nodes, from), nodeAt(nodes, to - 1)];
    range.setStart(start.node, Math.min(from - start.at, start.node.length));
    range.setEnd(end.node, Math.min(to - end.at, end.node.length));
    return range;
  });
}

function nodeAt(nodes: readonly { node: Text; at: number }[], offset: number): { node: Text; at: number } {
  const found = nodes.findLast(({ at }) => at <= offset) ?? nodes[0];
  if (!found) throw new RangeError("a hit outside the text that it was found in");
  return found;
}
