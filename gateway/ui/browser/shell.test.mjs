// The start page, pasting, theme, keys, the demo bar, narrow screens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desk, fits, launch, phone, signIn, tablet, tabTo, visit } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";

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

const pasteBox = (page) => page.getByRole("textbox", { name: "Paste a ticket link or an id" });

for (const theme of ["light", "dark"]) {
  test(`the start page, ${theme}: the box has the focus, each sample its reason`, async () => {
    const { context, page, clean, accessible } = await visit(browser, demo, { state, theme });
    await page.goto(`${demo.url}/`);
    const samples = page.getByRole("region", { name: "Worth looking at" }).getByRole("link");
    await samples.first().waitFor();
    assert.equal(await samples.count(), demo.samples.length);
    for (const sample of demo.samples) await page.getByText(sample.why).waitFor();
    assert.ok(await pasteBox(page).evaluate((box) => box === document.activeElement), "the paste box has the focus");
    assert.equal(await page.title(), "Sightglass");
    await page.evaluate(() => document.fonts.ready);
    assert.ok(
      await page.evaluate(() => [...document.fonts].some((f) => f.family.includes("Plex") && f.status === "loaded")),
    );
    await accessible(`start page, ${theme}`);
    clean();
    await context.close();
  });
}

test("a pasted address goes there; the address, the title and the history hold the ref only", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const asked = page.waitForRequest((r) => r.url().includes("/interactions/"));
  await page.goto(`${demo.url}/`);
  await pasteBox(page).fill("https://acme.zendesk.com/agent/tickets/5012?comment=hush-canary");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/i/zd/ticket/5012`);
  assert.equal(new URL((await asked).url()).searchParams.get("reason"), "pasted");
  assert.equal(await page.title(), "zd ticket 5012 · Sightglass");
  assert.ok(!JSON.stringify(await page.evaluate(() => history.state)).includes("hush-canary"));
  clean();
  await context.close();
});

test("what nobody knows is refused in place, with the reason", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/`);
  await pasteBox(page).fill("where did I put my keys");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.equal(page.url(), `${demo.url}/`);
  assert.equal(await pasteBox(page).inputValue(), "where did I put my keys");
  await accessible("not recognised");
  await pasteBox(page).press("Escape");
  await page.getByRole("alert").waitFor({ state: "detached" });
  clean();
  await context.close();
});

test("the bar's box refuses beneath itself and lets one go on reading", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/audit`);
  await pasteBox(page).fill("nothing of ours");
  await page.keyboard.press("Enter");
  await page.getByRole("search").getByRole("alert").waitFor();
  await pasteBox(page).press("Escape");
  await page.getByRole("alert").waitFor({ state: "detached" });
  assert.equal(page.url(), `${demo.url}/audit`);
  clean();
  await context.close();
});

test("the theme is chosen, kept, and is all that the browser keeps", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto(`${demo.url}/`);
  await page.getByRole("button", { name: /: menu$/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  assert.equal(await paper(), "rgb(18, 21, 23)");
  await page.reload();
  await pasteBox(page).waitFor();
  assert.equal(await paper(), "rgb(18, 21, 23)");
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), ["sightglass-theme"]);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.getByRole("button", { name: /: menu$/ }).click();
  await page.getByRole("menuitemradio", { name: "As the system" }).click();
  assert.equal(await paper(), "rgb(247, 245, 240)");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  clean();
  await context.close();
});

test("? shows the keys that work here; they can be turned off", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/audit`);
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard" });
  await sheet.waitFor();
  await accessible("the keyboard sheet");
  await sheet.getByRole("checkbox", { name: "Single keys work" }).uncheck();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.keyboard.press("?");
  assert.equal(await sheet.count(), 0);
  await page.getByRole("button", { name: /: menu$/ }).click();
  await page.getByRole("menuitem", { name: "Keyboard" }).click();
  await sheet.getByRole("checkbox", { name: "Single keys work" }).check();
  clean();
  await context.close();
});

for (const theme of ["light", "dark"]) {
  test(`what opens over the page, ${theme}: axe finds nothing in menus, the keyboard sheet and its page`, async () => {
    const { context, page, clean, accessible } = await visit(browser, demo, { state, theme });
    await page.goto(`${demo.url}/i/zd/ticket/5012`);
    await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
    for (const name of ["Break something", /: menu$/]) {
      await page.getByRole("button", { name }).click();
      await page.getByRole("menu").waitFor();
      await accessible(`the menu ${name}, ${theme}`);
      await page.keyboard.press("Escape");
      await page.getByRole("menu").waitFor({ state: "detached" });
    }
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await accessible(`the keyboard sheet over a conversation, ${theme}`);
    await page.goto(`${demo.url}/help`);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await accessible(`the keyboard page, ${theme}`);
    clean();
    await context.close();
  });
}

test("without a pointer: from the address bar to a broken provider and back", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/`);
  await pasteBox(page).waitFor();
  await page.keyboard.type("5012");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/i/zd/ticket/5012`);
  await tabTo(page, /: start page$/);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.url}/`);
  await tabTo(page, "Break something");
  await page.keyboard.press("Enter");
  const menu = page.getByRole("menu", { name: "Break something" });
  await menu.waitFor();
  await entryHasFocus(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("1 thing is broken").waitFor();
  await tabTo(page, "Break something");
  await page.keyboard.press("Enter");
  await menu.waitFor();
  await entryHasFocus(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("1 thing is broken").waitFor({ state: "detached" });
  await tabTo(page, "Skip to the page");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "page");
  clean();
  await context.close();
});

/** The first entry of a menu takes the focus a moment after the menu is there; a key before that is lost. */
function entryHasFocus(page) {
  return page.waitForFunction(() => document.activeElement?.getAttribute("role")?.startsWith("menuitem"));
}

for (const [name, viewport, zoom] of [
  ["1024 wide", tablet, 1],
  ["360 wide", phone, 1],
  ["1440 at 200 %", { width: desk.width / 2, height: desk.height / 2 }, 2],
]) {
  test(`${name} loses nothing`, async () => {
    const { context, page, clean, accessible } = await visit(browser, demo, {
      state,
      viewport,
      deviceScaleFactor: zoom,
    });
    await page.goto(`${demo.url}/`);
    await page.getByRole("link", { name: demo.samples[0].title }).waitFor();
    await fits(page);
    for (const control of [
      page.getByRole("radio", { name: "Administrator" }),
      page.getByRole("button", { name: "Break something" }),
      pasteBox(page),
    ]) {
      await control.scrollIntoViewIfNeeded();
      assert.ok(await control.isVisible());
    }
    await accessible(`start page, ${name}`);
    await page.getByRole("button", { name: /: menu$/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    const audit = page.getByRole("menuitem", { name: "Audit" });
    if ((await audit.count()) > 0) await audit.click();
    else {
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Audit" }).click();
    }
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    await fits(page);
    await accessible(`audit, ${name}`);
    clean();
    await context.close();
  });
}

test("an address that leads nowhere says so", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  for (const path of ["/nowhere", "/i/zd/letter/5012"]) {
    await page.goto(`${demo.url}${path}`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  }
  await accessible("not found");
  clean();
  await context.close();
});
