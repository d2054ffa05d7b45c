import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShortcuts } from "../../components/shortcuts";
import { light } from "./highlight";
import { isStop } from "./Timeline";
import type { Thread } from "./thread";
import type { Find } from "./useFind";
import type { ThreadScroll } from "./useThreadScroll";

type Given = {
  thread: Thread;
  scroll: ThreadScroll;
  find: Find;
  /** The message of a deep link. */
  message: string | undefined;
  /** The recording of a deep link. */
  recording: string | undefined;
  /** There is something to hear: j is the player's then, and arrows go from message to message. */
  calls: boolean;
};

export type Cursor = {
  key: string | undefined;
  linkedKey: string | undefined;
  /** The message of the deep link while it has not arrived. */
  notThere: string | undefined;
  set: (key: string) => void;
  step: (by: 1 | -1) => void;
  goToHit: (by: 1 | -1) => void;
  closeFind: () => void;
  showLate: () => void;
};

/** Where the reader is: the row that the keys act on, the message of a deep link, the hit one has gone to. */
export function useCursor({ thread, scroll, find, message, recording, calls }: Given): Cursor {
  const { entries } = thread;
  const [key, set] = useState<string>();
  const linked =
    message === undefined ? undefined : entries.find(({ part }) => part.type === "message" && part.id === message);
  const linkedCall =
    recording === undefined
      ? undefined
      : entries.find(({ part }) => part.type === "recording" && part.id === recording);

  const focusOn = useCallback(
    (index: number, align: "nearest" | "start" | "end") => {
      const entry = entries[index];
      if (!entry) return;
      set(entry.key);
      scroll.reveal(entry.key, align, (row) => row.focus({ preventScroll: true }));
    },
    [entries, scroll],
  );
  const here = () => {
    const index = key === undefined ? -1 : entries.findIndex((entry) => entry.key === key);
    return index >= 0 && scroll.isVisible(index) ? index : undefined;
  };
  const step = (by: 1 | -1) => {
    const at = here();
    const from = at === undefined ? scroll.firstVisible() - (by === 1 ? 1 : 0) : at;
    for (let i = from + by; i >= 0 && i < entries.length; i += by) {
      if (entries[i] && isStop(entries[i] as (typeof entries)[number])) return focusOn(i, "nearest");
    }
  };
  const goToHit = (by: 1 | -1) => {
    const hit = find.go(by, here() ?? scroll.firstVisible());
    if (!hit) return;
    const key = entries[hit.row]?.key;
    if (key === undefined) return;
    scroll.reveal(key, "nearest", (row) => {
      // A row may be taller than the pane: the hit itself has to be seen. It is drawn unfolded first.
      requestAnimationFrame(() => showRange(scroll.scroller.current, row, find.words, hit.nth));
    });
  };
  const closeFind = () => {
    const row = find.current?.row ?? here();
    find.close();
    if (row !== undefined) focusOn(row, "nearest");
    else scroll.scroller.current?.focus({ preventScroll: true });
  };
  const showLate = () => {
    const index = entries.findIndex((entry) => entry.key === scroll.late?.first);
    scroll.forgetLate();
    if (index >= 0) focusOn(index, "start");
  };
  useDeepLink((linked ?? linkedCall)?.key, scroll, set);
  useThreadKeys({ step, goToHit, closeFind, find, scroll, focusOn, entries, calls, current: () => rowOf(scroll, key) });
  const notThere = message !== undefined && !linked && thread.header ? message : undefined;
  return { key, linkedKey: linked?.key, notThere, set, step, goToHit, closeFind, showLate };
}

/** Once, when the message of the link arrives; whoever scrolls meanwhile keeps the scroll. */
function useDeepLink(linkedKey: string | undefined, scroll: ThreadScroll, set: (key: string) => void) {
  const done = useRef<string>(undefined);
  useEffect(() => {
    if (linkedKey === undefined || done.current === linkedKey) return;
    done.current = linkedKey;
    set(linkedKey);
    scroll.reveal(linkedKey, "center", (row) => row.focus({ preventScroll: true }));
  }, [linkedKey, scroll, set]);
}

type Keys = Pick<Cursor, "step" | "goToHit" | "closeFind"> & {
  find: Find;
  scroll: ThreadScroll;
  focusOn: (index: number, align: "start" | "end") => void;
  entries: Thread["entries"];
  calls: boolean;
  current: () => HTMLElement | null;
};

function useThreadKeys({ step, goToHit, closeFind, find, scroll, focusOn, entries, calls, current }: Keys) {
  const { t } = useTranslation("conversation");
  const press = (action: string) => current()?.querySelector<HTMLElement>(`[data-action="${action}"]`)?.click();
  useShortcuts(t("keys.title"), [
    ...(calls
      ? []
      : [
          { keys: ["j"], does: t("keys.next"), run: () => step(1) },
          { keys: ["k"], does: t("keys.previous"), run: () => step(-1) },
        ]),
    { keys: ["g"], does: t("keys.top"), run: () => focusOn(entries.findIndex(isStop), "start") },
    { keys: ["Shift+G"], does: t("keys.end"), run: () => focusOn(entries.findLastIndex(isStop), "end") },
    { keys: ["/"], does: t("keys.find"), run: find.show },
    { keys: ["n"], does: t("keys.nextHit"), run: () => goToHit(1) },
    { keys: ["Shift+N"], does: t("keys.previousHit"), run: () => goToHit(-1) },
    { keys: ["o"], does: t("keys.open"), run: () => press("open") },
    { keys: ["c"], does: t("keys.copy"), run: () => press("copy") },
    ...(find.open ? [{ keys: ["Escape"], does: t("keys.leave"), run: closeFind }] : []),
  ]);
  useBrowserFind(find, scroll.windowed);
}

/** Ctrl-F sees only what is drawn: in a windowed thread it opens our search; a second press is the browser's. */
function useBrowserFind(find: Find, windowed: boolean) {
  const { open, show } = find;
  useEffect(() => {
    if (!windowed || open) return;
    const key = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      show();
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, [windowed, open, show]);
}

function rowOf({ scroller }: ThreadScroll, key: string | undefined): HTMLElement | null {
  if (key === undefined) return null;
  const rows = scroller.current?.querySelectorAll<HTMLElement>("[data-key]") ?? [];
  return [...rows].find((row) => row.dataset.key === key) ?? null;
}

function showRange(box: HTMLElement | null, row: HTMLElement, words: string, nth: number) {
  const range = box && row.isConnected && light(box, words, { row: Number(row.dataset.index), nth });
  if (!box || !range || typeof range.getBoundingClientRect !== "function") return;
  const frame = range.startContainer.ownerDocument?.defaultView?.frameElement;
  const shift = frame ? frame.getBoundingClientRect().top : 0;
  const [at, pane] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
  const middle = at.top + shift + at.height / 2;
  if (middle < pane.top + 64 || middle > pane.bottom - 40) box.scrollTop += middle - (pane.top + pane.height / 2);
}
