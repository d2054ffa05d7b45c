import { useEffect, useRef, useSyncExternalStore } from "react";

// Single-key shortcuts, all in one place, so that the `?` sheet lists exactly those that work on the
// page in view and one switch turns them all off (WCAG 2.1.4: speech input and stray keys).

export interface Shortcut {
  /** As KeyboardEvent.key says it; the first is shown. "Shift+J" for a shifted letter. */
  keys: readonly string[];
  /** What it does, from the catalogue. */
  does: string;
  run: (event: KeyboardEvent) => void;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: readonly Shortcut[];
}

const settingName = "sightglass-keys"; // with the theme, all that the browser is asked to remember
const groups = new Set<{ current: ShortcutGroup }>();
const watchers = new Set<() => void>();
let listed: readonly ShortcutGroup[] = [];

function changed() {
  listed = [...groups].map((g) => g.current);
  for (const watcher of [...watchers]) watcher();
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** Adds shortcuts while the component is on the page. The newest that takes a key gets it. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const group = useRef<ShortcutGroup>({ title, shortcuts });
  group.current = { title, shortcuts };
  const shown = shortcuts.map((s) => s.keys.join(" ") + s.does).join("|");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sheet changes with what it shows, not with each new closure
  useEffect(() => {
    groups.add(group);
    changed();
    return () => {
      groups.delete(group);
      changed();
    };
  }, [title, shown]);
}

/** The groups that work now, for the sheet. */
export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(watch, () => listed);
}

export function singleKeysOn(): boolean {
  return localStorage.getItem(settingName) !== "off";
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(settingName);
  else localStorage.setItem(settingName, "off");
  changed();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(watch, singleKeysOn);
}

/** Starts listening; returns how to stop. The shell calls it once. */
export function listenForShortcuts(target: Document = document): () => void {
  target.addEventListener("keydown", press);
  return () => target.removeEventListener("keydown", press);
}

function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!singleKeysOn() || isTyping(event.target) || isPressing(event) || document.querySelector('[role="dialog"]'))
    return;
  for (const group of [...groups].reverse()) {
    const shortcut = group.current.shortcuts.find((s) => s.keys.some((k) => matches(k, event)));
    if (!shortcut) continue;
    event.preventDefault();
    shortcut.run(event);
    return;
  }
}

function matches(key: string, event: KeyboardEvent): boolean {
  const shifted = key.startsWith("Shift+");
  const bare = shifted ? key.slice("Shift+".length) : key;
  if (bare.length === 1 && /\p{L}/u.test(bare)) {
    const wantsShift = shifted || bare !== bare.toLowerCase();
    return event.key.toLowerCase() === bare.toLowerCase() && event.shiftKey === wantsShift;
  }
  return event.key === bare && (!shifted || event.shiftKey);
}

/** Space on a button presses the button. */
function isPressing({ key, target }: KeyboardEvent): boolean {
  return key === " " && target instanceof HTMLElement && target.closest("button, summary, [role=button]") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=menu], [role=listbox]") !== null;
}
