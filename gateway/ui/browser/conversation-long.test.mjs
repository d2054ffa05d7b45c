// A thread of 1,200 messages: windowed, searchable, linkable, and steady under the reader's eyes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signIn, visit } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";

const path = "/i/zd/ticket/5091";
let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  state = await signIn(browser, demo);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function open(page, query = "") {
  await page.goto(`${demo.url}${path}${query}`);
  await page.getByRole("region", { name: "Receipt" }).getByText("first message").waitFor({ timeout: 60_000 });
}

const current = (page) => page.locator("search output");

test("only rows near the screen are drawn, each says its place among all", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await open(page);
  const rows = await page
    .locator("article")
    .evaluateAll((all) => all.map((row) => [Number(row.ariaPosInSet), Number(row.ariaSetSize)]));
  assert.ok(rows.length < 80, `${rows.length} rows are drawn`);
  assert.ok(rows[0][1] > 1200, `the set has ${rows[0][1]}`);
  await page.keyboard.press("Shift+G");
  await page.waitForFunction(() => {
    const row = document.activeElement?.closest("article");
    return row && Number(row.ariaPosInSet) > Number(row.ariaSetSize) - 40;
  });
  await page.keyboard.press("g");
  await page.waitForFunction(() => document.activeElement?.closest("article")?.ariaPosInSet === "1");
  clean();
  await accessible("a long thread");
  await context.close();
});

test("its own search finds what is not drawn, goes there, lights it, and leaves no trace", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await open(page);
  await page.keyboard.press("Control+f");
  const box = page.getByRole("textbox", { name: "Search this thread" });
  await box.waitFor();
  await box.fill("workaround");
  await current(page)
    .getByText(/^– of \d+$/)
    .waitFor();
  const count = Number((await current(page).textContent()).split(" ").at(-1));
  assert.ok(count > 0);
  const seen = [];
  for (let i = 1; i <= Math.min(count, 6); i++) {
    await page.keyboard.press("Enter");
    await current(page).getByText(`${i} of ${count}`, { exact: true }).waitFor();
    await page.waitForFunction(() => CSS.highlights.get("sg-hit-now")?.size === 1);
    const lit = await page.waitForFunction(() => {
      const [range] = CSS.highlights.get("sg-hit-now") ?? [];
      const at = range?.getBoundingClientRect();
      const pane = document.querySelector("section:has([role=feed])").getBoundingClientRect();
      if (!at || at.top < pane.top || at.bottom > pane.bottom) return false;
      return { words: range.toString(), row: range.startContainer.parentElement.closest("article").dataset.key };
    });
    const { words, row } = await lit.jsonValue();
    assert.equal(words.toLowerCase(), "workaround");
    seen.push(row);
  }
  await page.keyboard.press("Shift+Enter");
  clean();
  await accessible("the search");
  const traces = await page.evaluate(() =>
    JSON.stringify([location.href, document.title, history.state, { ...localStorage }, { ...sessionStorage }]),
  );
  assert.ok(!traces.includes("workaround"), traces);
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => CSS.highlights.size), 0);
  await page.keyboard.press("n");
  clean();
  await context.close();
});

test("a link to a message in the middle of the thread ends there", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page);
  await page.keyboard.press("Shift+G");
  await page.waitForFunction(() => Number(document.activeElement?.closest("article")?.ariaPosInSet) > 1200);
  for (let i = 0; i < 12; i++) await page.keyboard.press("k");
  const key = await page.evaluate(() => document.activeElement.closest("article").dataset.key);
  await open(page, `?m=${key.split("::")[1]}`);
  await page.waitForFunction((want) => {
    const row = document.activeElement?.closest("article");
    const box = row?.getBoundingClientRect();
    return row?.dataset.key === want && box.top > 0 && box.bottom < innerHeight;
  }, key);
  clean();
  await context.close();
});

test("what is being read does not move while the rest arrives", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}${path}`);
  await page.waitForFunction(() => document.querySelectorAll("article").length > 20);
  await page.mouse.move(700, 500);
  await page.mouse.wheel(0, 900);
  await page.waitForTimeout(150);
  const moved = await page.evaluate(async () => {
    const pane = document.querySelector("section:has([role=feed])");
    const top = pane.getBoundingClientRect().top;
    const row = [...pane.querySelectorAll("article")].find((one) => one.getBoundingClientRect().top > top);
    const before = row.getBoundingClientRect().top;
    let worst = 0;
    const end = performance.now() + 15_000;
    while (performance.now() < end && !document.querySelector("[aria-label=Receipt] dl")) {
      await new Promise((frame) => requestAnimationFrame(frame));
      if (!row.isConnected) return "the row is gone";
      worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - before));
    }
    return worst;
  });
  assert.ok(moved <= 2, `it moved by ${moved} px`);
  clean();
  await context.close();
});

test("nor at the end of the thread, where hundreds of events arrive above it", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}${path}`);
  // Comments come first, what happened between them afterwards.
  await page.waitForFunction(() => document.querySelectorAll("article").length > 20);
  const at = () => page.evaluate(() => Number(document.activeElement?.closest("article")?.ariaPosInSet));
  await page.waitForTimeout(300);
  await page.keyboard.press("Shift+G");
  await page.waitForFunction(() => document.activeElement?.closest("article"));
  await page.waitForTimeout(150); // the jump settles
  const began = await at();
  const moved = await page.evaluate(async () => {
    const row = document.activeElement.closest("article");
    const before = row.getBoundingClientRect().top;
    let worst = 0;
    while (!document.querySelector("[aria-label=Receipt] dl")) {
      await new Promise((frame) => requestAnimationFrame(frame));
      if (!row.isConnected) return "the row is gone";
      worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - before));
    }
    return document.activeElement === row ? worst : "the focus is gone";
  });
  assert.ok(moved <= 2, `from place ${began} to ${await at()} it moved by ${moved} px`);
  clean();
  await context.close();
});

test("scrolling through all of it keeps the page small", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page);
  const most = await page.evaluate(async () => {
    const pane = document.querySelector("section:has([role=feed])");
    let rows = 0;
    while (pane.scrollTop + pane.clientHeight < pane.scrollHeight - 2) {
      pane.scrollTop += pane.clientHeight * 3;
      await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
      rows = Math.max(rows, document.querySelectorAll("article").length);
    }
    return rows;
  });
  assert.ok(most < 80, `${most} rows were drawn at once`);
  clean();
  await context.close();
});

test("the glass moves the thread, by pointer and by key", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page);
  const glass = page.getByRole("scrollbar", { name: "Position in the conversation" });
  const box = await glass.boundingBox();
  await page.mouse.click(box.x + 3, box.y + box.height / 2);
  const share = () => glass.getAttribute("aria-valuenow").then(Number);
  await page.waitForFunction(() => Number(document.querySelector("[role=scrollbar]").ariaValueNow) > 30);
  assert.ok((await share()) < 70, `${await share()} %`);
  await glass.focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("[role=scrollbar]").ariaValueNow === "0");
  await page.keyboard.press("End");
  await page.waitForFunction(() => Number(document.querySelector("[role=scrollbar]").ariaValueNow) > 95);
  clean();
  await context.close();
});
