// Failures of the conversation pane: shown where the stream stopped, and what had come stays.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { launch, picture, signIn, visit } from "./lib/browser.mjs";
import { ask, startDemo } from "./lib/demo.mjs";

let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  state = await signIn(browser, demo);
});

const broken = new Set();

afterEach(async () => {
  for (const id of broken) await mend(id);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function breakIt(id) {
  broken.add(id);
  await ask(demo, "analyst", "/api/v1/demo/break", { id });
}

async function mend(id) {
  broken.delete(id);
  await ask(demo, "analyst", "/api/v1/demo/break", { id, undo: true });
}

const keys = (page) =>
  page.locator("article[data-type=message]").evaluateAll((all) => all.map((row) => row.dataset.key));
const note = (page) => page.locator("section[data-fault]");
const ended = (page) => page.getByRole("region", { name: "Receipt" }).getByText("first message");

for (const theme of ["light", "dark"]) {
  test(`a cut stream, ${theme}: what came stays, trying again adds nothing twice`, async () => {
    const { context, page, clean, accessible } = await visit(browser, demo, { state, theme });
    await breakIt("cut");
    await page.goto(`${demo.url}/i/zd/ticket/5041`);
    await note(page).waitFor();
    const before = await keys(page);
    assert.ok(before.length > 0, "some messages had come");
    assert.equal(await note(page).getAttribute("data-fault"), "provider");
    assert.ok((await page.getByRole("region", { name: "Receipt" }).textContent()).includes("stopped"));
    clean();
    await accessible(`a cut stream, ${theme}`);
    if (theme === "dark") await picture(page, "cut-dark");
    const first = await page.locator("article").first().boundingBox();
    await mend("cut");
    await page.getByRole("button", { name: "Try again" }).click();
    await ended(page).waitFor();
    const all = await keys(page);
    assert.equal(new Set(all).size, all.length, "no message twice");
    assert.deepEqual(all.slice(0, before.length), before);
    assert.ok(all.length > before.length);
    assert.equal(await note(page).count(), 0);
    assert.equal((await page.locator("article").first().boundingBox()).y, first.y, "what was shown did not move");
    await context.close();
  });
}

test("a page of HTML with status 200 is the provider's fault, and nothing of it is shown", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("html");
  await page.goto(`${demo.url}/i/zd/ticket/5041`);
  await note(page).waitFor();
  assert.equal(await note(page).getAttribute("data-fault"), "provider");
  assert.equal(await page.locator("article").count(), 0);
  clean();
  await context.close();
});

test("an expired token is renewed unseen", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("expire");
  broken.clear();
  await page.goto(`${demo.url}/i/zd/ticket/5041`);
  await ended(page).waitFor();
  clean();
  await context.close();
});

test("an access withdrawn at the provider says who can mend it", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("revoke");
  await page.goto(`${demo.url}/i/zd/ticket/5041`);
  await note(page).waitFor();
  assert.equal(await note(page).getAttribute("data-code"), "needs_reconnect");
  assert.equal(await note(page).getAttribute("data-fault"), "account");
  clean();
  await mend("revoke");
  await page.getByRole("button", { name: "Try again" }).click();
  await ended(page).waitFor();
  await context.close();
});

test("recordings that the provider has deleted: the player says so, the words stay", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("delete_recording");
  await page.goto(`${demo.url}/i/zd/ticket/5203`);
  const player = page.getByRole("region", { name: "Player", exact: true });
  await player.getByRole("button", { name: "Play", exact: true }).click();
  await player.getByRole("heading", { name: "The recording is no longer there" }).waitFor();
  assert.ok((await page.locator("article").count()) > 0);
  await mend("delete_recording");
  clean();
  await context.close();
});

test("a slow provider: messages one by one, and a line that says what we wait for", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("trickle");
  await page.goto(`${demo.url}/i/zd/ticket/5041`);
  await page.locator("article").first().waitFor();
  assert.equal(await ended(page).count(), 0, "a message is shown before the last has come");
  await page.getByRole("region", { name: "Receipt" }).getByText("live from Zendesk").waitFor();
  clean();
  await context.close();
});

test("a ticket that is not there, and one that cannot be reached, say so in the pane", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/i/zd/ticket/999999999`);
  await note(page).waitFor();
  assert.equal(await note(page).getAttribute("data-code"), "not_found");
  assert.equal(await page.getByRole("complementary").count(), 0, "no rail without anything in it");
  await page.goto(`${demo.url}/i/nobody/ticket/5041`);
  await note(page).waitFor();
  assert.equal(await note(page).getAttribute("data-code"), "not_found");
  clean();
  await context.close();
});

test("leaving ends the provider's request", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await breakIt("trickle");
  await page.goto(`${demo.url}/i/zd/ticket/5091`);
  await page.locator("article").first().waitFor();
  const gone = page.waitForEvent("requestfailed", (request) => request.url().includes("/interactions/"));
  await page.getByRole("link", { name: /Harbour/ }).click();
  await gone;
  assert.equal(await page.locator("article").count(), 0);
  clean();
  await context.close();
});

// Last: the gateway, too, waits as long as the provider asked it to, and mending the provider does not shorten that.
test("the provider asks us to wait: a countdown, the button waits with it", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await breakIt("rate");
  await page.goto(`${demo.url}/i/zd/ticket/5041`);
  await note(page).waitFor();
  assert.equal(await note(page).getAttribute("data-code"), "rate_limited");
  const button = note(page).getByRole("button");
  assert.match(await button.textContent(), /in \d+ s/);
  assert.ok(await button.isDisabled());
  const before = Number((await button.textContent()).match(/(\d+) s/)[1]);
  await page.waitForTimeout(2200);
  assert.ok(Number((await button.textContent()).match(/(\d+) s/)[1]) < before, "it counts down");
  clean();
  await accessible("429");
  await context.close();
});
