/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Theme = "light" | "dark";
const themes: readonly Theme[] = ["light", "dark"];
const css = readFileSync("src/app/tokens.css", "utf8");
const tokens = new Map(
  [...css.matchAll(/--sg-([a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name ?? "", { light: light ?? "", dark: dark ?? "" }],
  ),
);

const grounds = ["paper", "surface", "sunk", "note"];
const text = ["ink", "muted", "agent", "customer", "brass", "danger"];

function colour(name: string, theme: Theme): string {
  const found = tokens.get(name);
  if (!found) throw new Error(`no colour token --sg-${name} in tokens.css`);
  return found[theme];
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function tooLow(pairs: [string, string][], least: number): string[] {
  return themes.flatMap((theme) =>
    pairs
      .map(([a, b]) => ({ a, b, got: contrast(colour(a, theme), colour(b, theme)) }))
      .filter(({ got }) => got < least)
      .map(({ a, b, got }) => `${theme}: ${a} on ${b} is ${got.toFixed(2)} : 1, want ${least} : 1`),
  );
}

const every = (a: string[], b: string[]) => a.flatMap((x) => b.map((y): [string, string] => [x, y]));

test("text is readable on every ground, in both themes", () => {
  expect(tooLow(every(text, grounds), 4.5)).toEqual([]);
});

test("text on filled controls and marks is readable", () => {
  const filled: [string, string][] = [
    ["paper", "ink"], // primary button
    ["paper", "brass"], // … under the pointer
    ["ink", "mark"], // search hits, selection
  ];
  expect(tooLow(filled, 4.5)).toEqual([]);
});

test("edges of controls and the focus ring can be seen", () => {
  expect(tooLow(every(["edge", "brass", "danger"], grounds), 3)).toEqual([]);
});

test("whose fault it is can be seen by the rule at the left", () => {
  expect(tooLow(every(["edge", "brass", "customer", "danger"], ["paper", "surface"]), 3)).toEqual([]);
});

test("every colour has both themes, and no other file names a colour", () => {
  const once = [...css.matchAll(/--sg-([a-z-]+):\s*(#|rgb)/g)].map(([, name]) => name);
  expect(once).toEqual([]);
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".css") && !file.endsWith("tokens.css"),
  );
  expect(files.length).toBeGreaterThan(5);
  const offenders = files.filter((file) =>
    /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i.test(readFileSync(`src/${file}`, "utf8")),
  );
  expect(offenders).toEqual([]);
});
