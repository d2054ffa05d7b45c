// The conversation pane: every sample, formatted and hostile mail, files, the receipt, keys, screens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fits, launch, phone, picture, signIn, tablet, visit } from "./lib/browser.mjs";
import { ask, startDemo } from "./lib/demo.mjs";

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

const receipt = (page) => page.getByRole("region", { name: "Receipt" });
const rows = (page) => page.getByRole("article");
const focusedKey = (page) => page.evaluate(() => document.activeElement?.closest("article")?.dataset.key);

async function open(page, path) {
  await page.goto(`${demo.url}${path}`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached", timeout: 60_000 });
}

/** The messages as the API gives them, in order. */
async function messagesOf(path) {
  const [, , link, kind, id] = path.split("/");
  const answer = await fetch(`${demo.url}/api/v1/links/${link}/interactions/${kind}/${id}`, {
    headers: { Authorization: `Bearer ${demo.api_keys.analyst}` },
  });
  const parts = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return parts.filter((part) => part.type === "message");
}

test("every sample opens: all messages, in order, none twice, nothing from outside", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  for (const { path, title } of demo.samples) {
    const [messages] = await Promise.all([messagesOf(path), open(page, path)]);
    assert.equal(await page.title(), `${path.slice("/i/".length).replaceAll("/", " ")} · Sightglass`);
    if (messages.length > 250) continue; // not all drawn at once: conversation-long.test.mjs
    const drawn = await page
      .locator("article[data-type=message]")
      .evaluateAll((all) => all.map((row) => row.dataset.key));
    const want = [...messages].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map((part) => `message::${part.id}`);
    assert.deepEqual(drawn, want, title);
  }
  clean();
  await context.close();
});

for (const theme of ["light", "dark"]) {
  test(`a mail ticket, ${theme}: agent, customer and note are told apart, axe finds nothing`, async () => {
    const { context, page, clean, accessible } = await visit(browser, demo, { state, theme });
    await open(page, "/i/zd/ticket/5012");
    for (const kind of ["agent", "customer", "internal"]) {
      assert.ok((await page.locator(`article [data-kind=${kind}]`).count()) > 0, kind);
    }
    await page.getByText("internal note").first().waitFor();
    clean();
    await accessible(`ticket 5012, ${theme}`);
    await receipt(page)
      .getByRole("button", { name: /what we keep of this/ })
      .click();
    await receipt(page).getByRole("list").waitFor();
    await accessible(`the receipt, ${theme}`);
    await page.locator("article [data-kind=internal]").first().scrollIntoViewIfNeeded();
    await picture(page, `ticket-${theme}`);
    await context.close();
  });
}

test("the receipt shows the audit rows of this open word for word", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const opening = page.waitForRequest((request) => request.url().includes("/api/v1/audit?open="));
  await open(page, "/i/zd/ticket/5062");
  await receipt(page)
    .getByRole("button", { name: /what we keep of this/ })
    .click();
  const id = new URL((await opening).url()).searchParams.get("open");
  await receipt(page).getByRole("listitem").nth(1).waitFor();
  const shown = await receipt(page).getByRole("list").textContent();
  const { items } = await ask(demo, "administrator", `/api/v1/audit?open=${id}`);
  assert.ok(items.length >= 2, `${items.length} rows`);
  for (const row of items) {
    for (const value of [row.event, row.at, row.hash, String(row.seq)]) assert.ok(shown.includes(value), value);
  }
  clean();
  await context.close();
});

test("formatted mail keeps its look in a frame that cannot run script; its links open from the page", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page, "/i/zd/ticket/5084");
  const frame = page.locator("article iframe").first();
  await frame.waitFor();
  assert.equal(await frame.getAttribute("sandbox"), "allow-same-origin");
  assert.equal(new URL(await frame.evaluate((element) => element.contentWindow.location.href)).pathname, "/frame");
  const inside = frame.contentFrame();
  await inside.locator("table").first().waitFor();
  const tall = () =>
    frame.evaluate(
      (element) => element.getBoundingClientRect().height - element.contentDocument.body.getBoundingClientRect().height,
    );
  await page.waitForFunction(() => {
    const element = document.querySelector("article iframe");
    return (
      element.contentDocument.images.length > 0 &&
      [...element.contentDocument.images].every((image) => image.naturalWidth > 0)
    );
  });
  assert.ok(Math.abs(await tall()) < 20, `the frame is as tall as its mail, but for ${await tall()} px`);
  const link = inside.locator("a[href^=http]").first();
  if ((await link.count()) > 0) {
    const opened = page.evaluate(() => {
      return new Promise((resolve) => {
        window.open = (...given) => void resolve(given);
      });
    });
    await link.click();
    assert.deepEqual((await opened).slice(1), ["_blank", "noopener,noreferrer"]);
  }
  await rows(page)
    .filter({ has: page.locator("iframe") })
    .first()
    .hover();
  await page.getByRole("button", { name: "Plain text" }).first().click();
  await frame.waitFor({ state: "detached" }).catch(() => undefined);
  await page.getByRole("button", { name: "Formatted" }).first().waitFor();
  clean();
  await context.close();
});

test("frames exist only for messages near the screen", async () => {
  const { context, page, clean } = await visit(browser, demo, { state, viewport: { width: 1440, height: 600 } });
  await open(page, "/i/zd/ticket/5084");
  await page.locator("article iframe").first().waitFor();
  await page.keyboard.press("Shift+G");
  await page.waitForFunction(() => {
    const box = document.querySelector("article iframe")?.getBoundingClientRect();
    return !box || box.bottom > -500;
  });
  clean();
  await context.close();
});

test("hostile mail runs nothing, loads nothing and goes nowhere", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await open(page, "/i/zd/ticket/5133");
  const frame = page.locator("article iframe").first();
  await frame.contentFrame().locator("body").getByText("Verify").first().waitFor();
  await page.waitForTimeout(1000); // a refresh, a delayed load
  const inside = await frame.evaluate((element) => {
    const { contentDocument: mail } = element;
    return {
      at: element.contentWindow.location.pathname,
      active: mail.querySelectorAll("script, iframe, object, embed, form, link, base, meta[http-equiv], input").length,
      handlers: [...mail.querySelectorAll("*")]
        .flatMap((e) => e.getAttributeNames())
        .filter((name) => name.startsWith("on")),
      remote: [...mail.images]
        .map((image) => image.getAttribute("src"))
        .filter((src) => !src?.startsWith("/api/v1/media/")),
    };
  });
  assert.deepEqual(inside, { at: "/frame", active: 0, handlers: [], remote: [] });
  assert.deepEqual(dialogs, []);
  assert.equal(new URL(page.url()).pathname, "/i/zd/ticket/5133");
  await page.getByText(/remote images? not loaded/).waitFor();
  await page.getByText(/May be spoofed/).waitFor();
  clean();
  await context.close();
});

test("forty files: folded, loaded on click, a picture in place", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const asked = [];
  page.on("request", (request) => request.url().includes("/api/v1/media/") && asked.push(request.url()));
  await open(page, "/i/zd/ticket/5105");
  await page.waitForTimeout(300);
  assert.deepEqual(asked, [], "nothing is loaded before somebody asks");
  const more = page.getByRole("button", { name: /Show all \d+ files/ });
  for (let left = await more.count(); left > 0; left--) await more.first().click();
  assert.equal(await page.locator("article ul li:has([data-action=open])").count(), 40);
  const file = page.locator("[data-action=open][aria-expanded]").first();
  await file.click();
  const image = page.locator("article img").first();
  await page.waitForFunction(() => document.querySelector("article img")?.naturalWidth > 0);
  assert.equal(asked.length, 1);
  assert.ok(await image.getAttribute("alt"));
  await file.click();
  await image.waitFor({ state: "detached" });
  clean();
  await context.close();
});

test("dangerous files say what they are and offer nothing", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await open(page, "/i/zd/ticket/5127");
  await page
    .getByText(/blocked by Zendesk: malware found/)
    .first()
    .waitFor();
  assert.equal(await page.locator("li[data-state=blocked] [data-action]").count(), 0);
  clean();
  await accessible("dangerous files");
  await context.close();
});

test("right-to-left text runs from the right, codes inside it stay whole", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page, "/i/zd/ticket/5077");
  const directions = await page
    .locator("article[data-type=message] p[dir=auto]")
    .evaluateAll((all) =>
      all.map((p) => `${getComputedStyle(p).direction} ${/\p{Script=Arabic}/u.test(p.textContent)}`),
    );
  assert.ok(directions.includes("rtl true"), directions.join(", "));
  clean();
  await context.close();
});

test("everything by key: move, open a file, copy a link, search, close", async () => {
  const { context, page, clean } = await visit(browser, demo, {
    state,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await open(page, "/i/zd/ticket/5105");
  await page.keyboard.press("j");
  const first = await focusedKey(page);
  assert.match(first, /^message::/);
  await page.keyboard.press("j");
  assert.notEqual(await focusedKey(page), first);
  await page.keyboard.press("ArrowUp");
  assert.equal(await focusedKey(page), first);
  await page.keyboard.press("o");
  await page.waitForFunction(() => document.querySelector("article img")?.naturalWidth > 0);
  await page.keyboard.press("c");
  await page.getByText("Link copied").first().waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${demo.url}/i/zd/ticket/5105?m=${first.split("::")[1]}`);
  await page.keyboard.press("Shift+G");
  const last = await focusedKey(page);
  await page.keyboard.press("g");
  assert.equal(await focusedKey(page), first);
  assert.notEqual(last, first);
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.matches("search input"));
  await page.keyboard.type("hose");
  await page.keyboard.press("Enter");
  await page
    .locator("search output")
    .getByText(/^1 of \d+$/)
    .waitFor();
  await page.keyboard.press("Escape");
  await page.locator("search").waitFor({ state: "detached" });
  assert.match(await focusedKey(page), /^message::/);
  clean();
  await context.close();
});

test("the thread can be reached and scrolled by Tab alone, and the focus is seen", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await open(page, "/i/zd/ticket/5055");
  const reached = new Set();
  for (let i = 0; i < 40 && !reached.has("article"); i++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return {
        what: document.activeElement.getAttribute("role") ?? document.activeElement.localName,
        seen: outlineStyle !== "none" && outlineWidth !== "0px",
      };
    });
    reached.add(here.what);
    if (["article", "scrollbar", "section"].includes(here.what)) assert.ok(here.seen, `${here.what} shows its focus`);
  }
  assert.ok(reached.has("scrollbar") && reached.has("article"), [...reached].join(", "));
  clean();
  await context.close();
});

test("a link to a message scrolls to it and marks it; another page empties the pane", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const last = (await messagesOf("/i/zd/ticket/5012")).at(-1);
  await open(page, `/i/zd/ticket/5012?m=${last.id}`);
  const marked = rows(page).filter({ hasText: "linked here" });
  await marked.waitFor();
  assert.equal(await marked.getAttribute("data-key"), `message::${last.id}`);
  await page.waitForFunction(() => {
    const box = document.activeElement?.closest("article")?.getBoundingClientRect();
    return box && box.top >= 0 && box.bottom <= innerHeight;
  });
  const subject = await page.getByRole("heading", { level: 1 }).textContent();
  await page.evaluate(() => {
    window.drained = new Promise((resolve) => {
      new MutationObserver((changes, observer) => {
        const ghost = changes
          .flatMap((change) => [...change.addedNodes])
          .find((node) => node.className?.includes?.("ghost"));
        if (!ghost) return;
        observer.disconnect();
        const [animation] = ghost.getAnimations();
        const { duration } = animation.effect.getTiming();
        void animation.finished.then(() => resolve({ duration, words: ghost.textContent }));
      }).observe(document.body, { childList: true });
    });
  });
  await page.getByRole("link", { name: /Harbour/ }).click();
  await page.waitForURL(`${demo.url}/`);
  await page.waitForFunction((words) => !document.documentElement.outerHTML.includes(words), subject);
  assert.equal(await page.locator("article").count(), 0);
  assert.deepEqual(await page.evaluate(() => window.drained), { duration: 180, words: "" }, "the glass drains");
  clean();
  await context.close();
});

test("a search that is open when one leaves holds on to nothing", async () => {
  const { context, page, clean } = await visit(browser, demo, { state, reducedMotion: "reduce" });
  await open(page, "/i/zd/ticket/5012");
  await page.keyboard.press("/");
  await page.keyboard.type("the");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => CSS.highlights.size > 0);
  await page.getByRole("link", { name: /Harbour/ }).click();
  await page.waitForURL(`${demo.url}/`);
  assert.equal(await page.evaluate(() => CSS.highlights.size), 0);
  assert.equal(await page.locator("[class*=ghost]").count(), 0, "nothing moves for whoever asks for no motion");
  clean();
  await context.close();
});

test("a narrow screen and 200 % lose nothing: the facts are one press away", async () => {
  for (const viewport of [phone, tablet, { width: 720, height: 450 }]) {
    const { context, page, clean, accessible } = await visit(browser, demo, { state, viewport });
    await open(page, "/i/zd/ticket/5062");
    await fits(page);
    const facts = page.getByRole("button", { name: "Facts" });
    if (await facts.isVisible()) await facts.click();
    await receipt(page).getByText("first message").waitFor();
    await page.getByRole("link", { name: "Open at Zendesk" }).scrollIntoViewIfNeeded();
    clean();
    await fits(page);
    await accessible(`${viewport.width} px`);
    await context.close();
  }
});

test("360 wide: the subject is read whole", async () => {
  const { context, page, clean } = await visit(browser, demo, { state, viewport: phone });
  for (const path of ["/i/zd/ticket/5012", "/i/zd/ticket/5091"]) {
    await open(page, path);
    const heading = page.getByRole("heading", { level: 1 });
    assert.deepEqual(await heading.evaluate((h1) => [h1.scrollHeight > h1.clientHeight + 1]), [false], path);
  }
  clean();
  await context.close();
});

test("360 wide: a newsletter of 600 pixels fits its column", async () => {
  const { context, page, clean } = await visit(browser, demo, { state, viewport: phone });
  await open(page, "/i/zd/ticket/5084");
  const frame = page.locator("article iframe").first();
  await frame.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => {
    const mail = document.querySelector("article iframe")?.contentDocument;
    return mail?.querySelector("table") && mail.documentElement.clientWidth > 0;
  });
  const [wide, column] = await frame.evaluate(({ contentDocument: { documentElement: root } }) => [
    root.scrollWidth,
    root.clientWidth,
  ]);
  assert.ok(wide <= column, `${wide} in ${column} pixels`);
  clean();
  await context.close();
});

test("at least nine short messages are above the fold", async () => {
  const { context, page, clean } = await visit(browser, demo, { state, viewport: { width: 1440, height: 900 - 128 } });
  await page.goto(`${demo.url}/i/zd/ticket/5091`);
  await page.waitForFunction(() => document.querySelectorAll("article[data-type=message]").length > 12);
  const heights = await page
    .locator("article[data-type=message]")
    .evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height).sort((a, b) => a - b));
  const pane = await page.locator("section:has([role=feed])").evaluate((box) => box.clientHeight);
  assert.ok(heights[0] * 9 <= pane, `nine of ${heights[0]} px in ${pane} px`);
  const measure = await page
    .locator("article [data-find]")
    .evaluateAll((all) => Math.max(...all.map((text) => text.clientWidth)));
  assert.ok(measure <= 68 * 8.6, `the measure is ${measure} px`);
  clean();
  await context.close();
});
