import { type CSSVariablesResolver, createTheme } from "@mantine/core";
import { useSyncExternalStore } from "react";

/** What the person chose; "system" follows the machine. */
export type ThemeChoice = "system" | "light" | "dark";

const settingName = "sightglass-theme";
const watchers = new Set<() => void>();
const machine = () => window.matchMedia("(prefers-color-scheme: dark)");

export function themeChoice(): ThemeChoice {
  const stored = localStorage.getItem(settingName);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function chooseTheme(choice: ThemeChoice): void {
  if (choice === "system") localStorage.removeItem(settingName);
  else localStorage.setItem(settingName, choice);
  applyTheme();
  for (const watcher of [...watchers]) watcher();
}

/** Before the first paint: tokens.css reads data-theme; without it color-scheme follows the machine. */
export function applyTheme(): void {
  const choice = themeChoice();
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(watch, themeChoice);
}

/** What is on screen now. */
export function useScheme(): "light" | "dark" {
  return useSyncExternalStore(watch, () => {
    const choice = themeChoice();
    if (choice !== "system") return choice;
    return machine().matches ? "dark" : "light";
  });
}

function watch(watcher: () => void) {
  const query = machine();
  watchers.add(watcher);
  query.addEventListener("change", watcher);
  return () => {
    watchers.delete(watcher);
    query.removeEventListener("change", watcher);
  };
}

// Mantine is used for what is hard to get right (focus in dialogs and menus); it looks like tokens.css.
export const mantineTheme = createTheme({
  fontFamily: "var(--sg-sans)",
  fontFamilyMonospace: "var(--sg-mono)",
  defaultRadius: 4,
  cursorType: "pointer",
  focusRing: "never", // base.css draws it
  respectReducedMotion: true,
});

export const mantineVariables: CSSVariablesResolver = () => ({
  variables: {
    "--mantine-color-body": "var(--sg-surface)",
    "--mantine-color-text": "var(--sg-ink)",
    "--mantine-color-dimmed": "var(--sg-muted)",
    "--mantine-color-default-border": "var(--sg-edge)",
  },
  light: {},
  dark: {},
});
