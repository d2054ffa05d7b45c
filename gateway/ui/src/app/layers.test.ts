import { expect, test } from "vitest";

// app → features → components, api. Features do not import each other: what two of them need is a
// component. The test reads the sources, so that it also sees imports that only name types.
const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { eager: true, query: "?raw", import: "default" });

interface Place {
  layer: string;
  feature: string | undefined;
}

function place(path: string): Place {
  const [layer = "", second] = path.split("/");
  return { layer: path.includes("/") ? layer : "app", feature: layer === "features" ? second : undefined };
}

function target(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

const below: Record<string, readonly string[]> = {
  app: ["app", "features", "components", "api"],
  features: ["features", "components", "api"],
  components: ["components", "api"],
  api: ["api"],
};

function mayImport(from: Place, to: Place): boolean {
  if (!below[from.layer]?.includes(to.layer)) return false;
  return from.layer !== "features" || to.layer !== "features" || from.feature === to.feature;
}

test("imports go app → features → components, api, and features do not import each other", () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const [key, text] of Object.entries(sources)) {
    const path = key.startsWith("./") ? `app/${key.slice(2)}` : key.slice("../".length);
    if (path.startsWith("testing/") || /\.test\.tsx?$/.test(path)) continue;
    for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      seen++;
      const to = target(path, specifier);
      if (!mayImport(place(path), place(to))) wrong.push(`${path} imports ${to}`);
    }
  }
  expect(seen).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});
