// What a browser keeps on disk after use: refs, never content.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { desk, launchOptions, watch } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";

let demo;
let profile;
let context;

before(async () => {
  demo = await startDemo();
  profile = await mkdtemp(join(tmpdir(), "sightglass-profile-"));
});

after(async () => {
  await context?.close();
  await demo?.stop();
  if (profile) await rm(profile, { recursive: true, force: true });
});

test("the profile holds no word of what was read or pasted", async () => {
  const pasted = "pasted-canary-0d41";
  const searched = "searched-canary-77b2";
  context = await chromium.launchPersistentContext(profile, { ...launchOptions, viewport: desk });
  const { page, clean } = await watch(context, demo);
  await page.goto(demo.sign_in_url);
  const box = page.getByRole("textbox", { name: "Paste a ticket link or an id" });
  await box.fill(`https://acme.zendesk.com/agent/tickets/5012?x=${pasted}`);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/i/zd/ticket/5012`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  const words = await wordsOf(demo, "/i/zd/ticket/5012");
  await page.keyboard.press("/");
  await page.keyboard.type(searched);
  await page.locator("search output").getByText("not found").waitFor();
  await page.keyboard.press("Escape");
  // Mail in a frame with its pictures, and a file that was opened.
  await page.goto(`${demo.url}/i/zd/ticket/5084`);
  await page.locator("article iframe").first().contentFrame().locator("img").first().waitFor();
  words.push(...(await wordsOf(demo, "/i/zd/ticket/5084")));
  await page.goto(`${demo.url}/i/zd/ticket/5105`);
  const file = page.locator("[data-action=open][aria-expanded]").first();
  words.push((await file.textContent()).trim());
  await file.click();
  await page.waitForFunction(() => document.querySelector("article img")?.naturalWidth > 0);
  words.push(...(await wordsOf(demo, "/i/zd/ticket/5105")));
  await page.waitForTimeout(1500); // history and session files are written with a delay
  await page.goto(`${demo.url}/audit`);
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  clean();
  await context.close();

  const files = await everyFile(profile);
  const found = [];
  let refs = 0;
  for (const file of files) {
    const bytes = await readFile(file);
    if (holds(bytes, "/i/zd/ticket/5012")) refs++;
    for (const word of [pasted, searched, ...words]) if (holds(bytes, word)) found.push(`${word} in ${file}`);
  }
  assert.ok(refs > 0, "the profile was written: the ref is in the history");
  assert.deepEqual(found, []);
});

/** The subject and texts of the conversation: what cannot be there by chance. */
async function wordsOf(demo, path) {
  const [, , link, kind, id] = path.split("/");
  const answer = await fetch(`${demo.url}/api/v1/links/${link}/interactions/${kind}/${id}`, {
    headers: { Authorization: `Bearer ${demo.api_keys.analyst}` },
  });
  const parts = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const texts = parts.filter((p) => p.type === "message" && p.text?.length > 40).map((p) => p.text.slice(0, 40));
  assert.ok(texts.length > 0, "the sample has messages");
  const { subject } = parts.find((p) => p.type === "header");
  assert.ok(subject.length > 10);
  return [subject, ...texts];
}

function holds(bytes, text) {
  return bytes.includes(Buffer.from(text, "utf8")) || bytes.includes(Buffer.from(text, "utf16le"));
}

async function everyFile(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
}
