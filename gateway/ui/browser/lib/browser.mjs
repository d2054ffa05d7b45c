import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const launchOptions = {
  executablePath: process.env.SIGHTGLASS_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-audio-output", // as on a machine without one: a sound server that sleeps stops the clock of what plays
    "--no-first-run",
  ],
};

export const desk = { width: 1440, height: 900 };
export const tablet = { width: 1024, height: 768 };
export const phone = { width: 360, height: 740 };

export function launch() {
  return chromium.launch(launchOptions);
}

/**
 * A browser context that notes what must never happen: a request to anywhere but the demo, a violation of
 * the page's CSP, an uncaught error. `clean()` asserts that none did.
 * @param {import("playwright-core").Browser} browser
 */
export async function visit(browser, demo, { viewport = desk, state, theme = "light", ...more } = {}) {
  const context = await browser.newContext({
    viewport,
    colorScheme: theme,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    storageState: state,
    ...more,
  });
  return { context, ...(await watch(context, demo)) };
}

/** The same watch over a context made elsewhere (a persistent profile). */
export async function watch(context, demo) {
  const seen = [];
  const origin = new URL(demo.url).origin;
  let testing = false; // axe adds a style of its own, which the CSP refuses, rightly
  await context.exposeFunction("sightglassTestSays", (what) => {
    if (!testing) seen.push(what);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.sightglassTestSays(`CSP: ${event.violatedDirective} refused ${event.blockedURI || event.sourceFile}`);
    });
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (["data:", "blob:", "about:"].includes(url.protocol)) return;
    if (url.origin !== origin) seen.push(`outside request: ${url.origin}${url.pathname}`);
  });
  context.on("weberror", ({ error }) => void seen.push(`uncaught: ${error().message}`));
  context.setDefaultTimeout(10_000);
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    /** Asserts that nothing happened that must not; call it before axe, too. */
    clean: () => assert.deepEqual(seen, []),
    /** Asserts that axe finds nothing, in WCAG 2.2 AA and its best practices. */
    accessible: async (what, on = page) => {
      assert.deepEqual(seen, [], `before axe: ${what}`);
      testing = true;
      await on.evaluate(axeSource); // only where it is asked: as a script of every page it cost more than the page
      const found = await on.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
        return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} (${n.failureSummary})`));
      });
      await new Promise((resolve) => setTimeout(resolve, 50)); // its late CSP reports
      testing = false;
      assert.deepEqual(found, [], `axe: ${what}`);
    },
  };
}

/** Signs in with the demo's one-time link and returns the state that later visits start from. */
export async function signIn(browser, demo) {
  const { context, page } = await visit(browser, demo);
  await page.goto(demo.sign_in_url);
  await page.getByRole("textbox", { name: "Paste a ticket link or an id" }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Nothing is cut off at the right: neither the page nor its scroller is wider than the window. */
export async function fits(page) {
  const wide = await page.evaluate(() =>
    [document.documentElement, document.querySelector("main")]
      .filter((box) => box && box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${box.localName}: ${box.scrollWidth} in ${box.clientWidth}`),
  );
  assert.deepEqual(wide, []);
}

/** Takes a picture for the README and docs when it is asked for; of the upper part, if it says how high. */
export async function picture(page, name, height = desk.height) {
  const folder = process.env.SIGHTGLASS_PICTURES;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, clip: { x: 0, y: 0, width: desk.width, height } });
}

/**
 * Presses Tab until the control with this name has the focus, in the list's entry with these words where some
 * are given; the stop must be visible as such.
 */
export async function tabTo(page, name, words = "") {
  for (let n = 0; n < 90; n++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const here = document.activeElement;
      const style = here ? getComputedStyle(here) : undefined;
      const named = here?.getAttribute("aria-label") ?? here?.labels?.[0]?.textContent ?? here?.textContent ?? "";
      const entry = here?.closest("li")?.textContent ?? "";
      return { name: named.trim(), outline: style?.outlineStyle, entry };
    });
    if (!at.entry.includes(words)) continue;
    if (typeof name === "string" ? at.name === name : name.test(at.name)) {
      assert.notEqual(at.outline, "none", `${name} shows its focus`);
      return;
    }
  }
  assert.fail(`Tab never reached ${name}`);
}
