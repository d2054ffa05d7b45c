import i18next from "i18next";
import { expect, test } from "vitest";
import { catalogue } from "./i18n";

type Words = { [key: string]: string | Words };

function leaves(words: Words, at = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[`${at}${key}`, value]] : leaves(value, `${at}${key}.`),
  );
}

/** "Open {{name}}" → "[Ôpéñ {{name}} ···]": longer, accented, and its gaps intact. */
function pseudo(text: string): string {
  const accents: Record<string, string> = {
    a: "á",
    e: "é",
    i: "í",
    o: "ô",
    u: "ú",
    n: "ñ",
    c: "ç",
    s: "š",
    A: "Á",
    O: "Ô",
  };
  const written = text.replace(
    /(\{\{[^}]+\}\}|<[^>]+>)|([a-zA-Z])/g,
    (_, gap, letter) => gap ?? accents[letter] ?? letter,
  );
  return `[${written} ${"·".repeat(Math.ceil(text.length / 3))}]`;
}

const all = catalogue() as Words;
const sources = import.meta.glob<string>(["../**/*.tsx", "../**/*.ts", "!../**/*.test.*", "!../testing/**"], {
  eager: true,
  query: "?raw",
  import: "default",
});

test("no text is written beside the catalogue", () => {
  // Words between tags or in the attributes that people read. A pseudo-locale would show them as they are.
  const stray = Object.entries(sources)
    .filter(([path]) => path.endsWith(".tsx"))
    .flatMap(([path, text]) => {
      const between = [
        ...text.matchAll(/^\s*(?!\/\/|\*|\/\*|import|export|const|return|case)([A-Z][a-z]+ [a-z]+[^;{}=()<>]*)$/gm),
      ];
      const attributes = [...text.matchAll(/\s(?:aria-label|title|placeholder|alt|label)="([^"{]*[a-z]{3}[^"]*)"/g)];
      return [...between, ...attributes].map((m) => `${path}: ${m[1]}`);
    });
  expect(stray).toEqual([]);
});

test("every fixed key that the code asks for is in its catalogue", () => {
  const missing: string[] = [];
  for (const [path, text] of Object.entries(sources)) {
    const spaces = [...text.matchAll(/useTranslation\("(\w+)"\)/g)].map((m) => m[1] ?? "app");
    if (!text.includes("useTranslation(")) continue;
    const namespaces = spaces.length > 0 ? spaces : ["app"];
    if (text.includes("useTranslation()")) namespaces.push("app");
    const known = new Set(
      namespaces.flatMap((ns) => leaves((all[ns] ?? {}) as Words).map(([key]) => key.replace(/_(one|other)$/, ""))),
    );
    for (const [, key = ""] of text.matchAll(/\b(?:t|common)\("([\w.]+)"/g)) {
      if (!known.has(key)) missing.push(`${path}: ${key}`);
    }
  }
  expect(missing).toEqual([]);
});

test("a pseudo-locale is shown whole: gaps are filled, nothing falls back", async () => {
  const words = Object.fromEntries(
    Object.entries(all).map(([ns, text]) => [
      ns,
      JSON.parse(JSON.stringify(text), (_, v) => (typeof v === "string" ? pseudo(v) : v)),
    ]),
  );
  const made = i18next.createInstance();
  await made.init({ lng: "en-XA", resources: { "en-XA": words }, interpolation: { escapeValue: false } });
  for (const [ns, text] of Object.entries(all)) {
    for (const [key, original] of leaves(text as Words)) {
      const gaps = Object.fromEntries([...original.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => [name, `<${name}>`]));
      const shown = String(made.t(key, { ns, ...gaps }));
      expect(shown.startsWith("["), `${ns}:${key} is ${shown}`).toBe(true);
      expect(shown, `${ns}:${key}`).not.toMatch(/\{\{|\}\}/);
    }
  }
});
