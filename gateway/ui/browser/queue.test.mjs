// The queue: filters in the address, rows that stream in, keys, what was opened, the draw.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fits, launch, phone, signIn, visit } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";

let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--page-delay", "20ms"), launch()]);
  state = await signIn(browser, demo);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const queue = (page) => page.getByRole("complementary", { name: "Queue" });
const rows = (page) => queue(page).getByRole("list", { name: "Interactions" }).getByRole("link");
const read = (page) => page.locator('ol[aria-label="Interactions"][aria-busy=false] a').first().waitFor();
const idOf = (row) => row.locator("code").textContent();
const apiCalls = (page) => {
  const seen = [];
  page.on("request", (r) => r.url().includes("/interactions") && seen.push(`${r.method()} ${r.url()}`));
  return seen;
};

test("from the start page to three tickets by keys alone; nothing is fetched ahead", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/`);
  await page.getByRole("link", { name: "Queue" }).click();
  await read(page);
  assert.equal(new URL(page.url()).search, "?list=zd");
  await queue(page).getByText("Zendesk filters").first().waitFor();
  const asked = apiCalls(page);
  const [first, second] = [await idOf(rows(page).nth(0)), await idOf(rows(page).nth(1))];
  await page.locator("h1").first().waitFor({ state: "attached" });
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("q");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/i/zd/ticket/${second}?list=zd`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/i/zd/ticket/${first}?list=zd`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await page.keyboard.press(".");
  await page.waitForURL(`${demo.url}/i/zd/ticket/${second}?list=zd`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  const opens = asked.filter((call) => call.includes("/ticket/"));
  assert.deepEqual(
    opens.map((call) => call.replace(demo.url, "")),
    [second, first, second].map((id) => `GET /api/v1/links/zd/interactions/ticket/${id}?reason=list`),
  );
  assert.ok(
    await queue(page)
      .getByText(/^you \d\d:\d\d/)
      .count(),
    "a row says that it was opened, and when",
  );
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("open the next").waitFor();
  await page.keyboard.press("Escape");
  await accessible("queue beside a ticket");
  clean();
  await context.close();
});

test("filters are in the address, say who filters, and go one by one", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state, theme: "dark" });
  await page.goto(`${demo.url}/?list=zd&days=30&status=solved&channel=email`);
  await read(page);
  const filters = queue(page).getByRole("list", { name: "Filters" });
  await filters.getByText(/^filtered here, \d+/).waitFor();
  assert.deepEqual(
    (await filters.getByRole("listitem").allTextContents()).map((text) => text.replace(/(Zendesk|filtered).*/, "")),
    ["the last 30 days", "Status: solved", "Channel: email"],
  );
  for (const text of await rows(page).allTextContents()) assert.match(text, /email · solved/);
  await filters.getByRole("button", { name: "Remove the filter Channel: email" }).click();
  await page.waitForURL(`${demo.url}/?list=zd&days=30&status=solved`);
  await read(page);
  await queue(page).getByRole("button", { name: "Filter", exact: true }).click();
  const form = page.getByRole("form", { name: "Filters" });
  await form.getByLabel("Agent").selectOption({ label: "Mara Lindqvist" });
  await form.getByLabel("Words").fill("shade hush-canary");
  await accessible("queue with its filters, dark");
  await form.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/agent=4101/);
  await queue(page).getByText("Words: shade hush-canary", { exact: true }).waitFor();
  await queue(page)
    .getByText(/^Nothing fits: /)
    .waitFor();
  assert.ok(!page.url().includes("hush"), "what was typed is not in the address");
  assert.ok(!JSON.stringify(await page.evaluate(() => history.state)).includes("hush"), "nor in the history");
  await queue(page).getByRole("button", { name: "Remove the filter Words: shade hush-canary" }).last().click();
  await read(page);
  for (const text of await rows(page).allTextContents()) assert.match(text, /Mara Lindqvist/);
  clean();
  await context.close();
});

test("a list is read on as one scrolls; a draw is repeated by its seed", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/?list=zd&days=30`);
  await read(page);
  assert.equal(await rows(page).count(), 100);
  await rows(page).last().scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelectorAll('ol[aria-label="Interactions"] a').length >= 200);
  await queue(page).getByRole("button", { name: "Draw" }).click();
  const form = page.getByRole("form", { name: "Draw at random" });
  await form.getByLabel("How many").fill("4");
  await form.getByRole("button", { name: "Draw" }).click();
  await queue(page).getByText("4 drawn at random").waitFor();
  const ids = () => rows(page).locator("code").allTextContents();
  const first = await ids();
  assert.equal(first.length, 4);
  assert.match(page.url(), /seed=[0-9A-Z]{4}-[0-9A-Z]{4}/);
  const asked = page.waitForRequest((r) => r.url().includes("/ticket/"));
  await page.reload();
  await queue(page).getByText("4 drawn at random").waitFor();
  assert.deepEqual(await ids(), first, "the same address gives the same draw");
  await rows(page).first().click();
  assert.match((await asked).url(), /reason=draw/);
  clean();
  await context.close();
});

test("on a phone the queue is a page, and what is open takes its place", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state, viewport: phone });
  await page.goto(`${demo.url}/?list=zd`);
  await read(page);
  await fits(page);
  await accessible("queue on a phone");
  await rows(page).first().click();
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await fits(page);
  await queue(page).waitFor({ state: "hidden" });
  await page.getByRole("link", { name: "Queue" }).click();
  await rows(page).first().waitFor();
  clean();
  await context.close();
});
