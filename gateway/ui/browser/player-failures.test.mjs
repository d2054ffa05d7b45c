// Audio that is missing or fails at the provider: what the simulator answers, and the screen that says so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fits, launch, phone, signIn, visit } from "./lib/browser.mjs";
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

const dockOf = (page) => page.getByRole("region", { name: "Player", exact: true });
const playOf = (page, index) => page.getByRole("button", { name: /^(Play|Pause) the recording/ }).nth(index);

async function open(ticket, options) {
  const visitor = await visit(browser, demo, { state, ...options });
  await visitor.page.goto(`${demo.url}/i/zd/ticket/${ticket}`);
  await visitor.page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  return visitor;
}

const heard = (page) =>
  page.waitForFunction(() => document.querySelector("audio")?.currentTime > 0.2, undefined, { polling: 50 });

/** Every screen must differ from every other: an analyst acts on what it says. */
const said = new Map();

function differs(what, text) {
  const plain = text.replace(/Request \w+/, "").trim();
  assert.ok(plain.length > 20, `${what}: ${plain}`);
  for (const [other, words] of said) assert.notEqual(plain, words, `${what} and ${other} say the same`);
  said.set(what, plain);
}

test("a deleted recording, one on a foreign host: each its own screen, with nothing to press in vain", async () => {
  for (const [ticket, heading, words] of [
    [5287, "The recording is no longer there", /deleted in Zendesk/],
    [5273, "The recording lies on a host that is not allowed", /An administrator can add .* media_hosts/],
  ]) {
    const { context, page, clean } = await open(ticket);
    await playOf(page, 0).click();
    await dockOf(page).getByRole("heading", { name: heading }).waitFor();
    await dockOf(page).getByText(words).waitFor();
    await dockOf(page)
      .getByText(/Request \w+/)
      .waitFor();
    assert.equal(await dockOf(page).getByRole("button", { name: "Try again" }).count(), 0);
    differs(heading, await dockOf(page).textContent());
    await page.setViewportSize(phone);
    await fits(page);
    clean();
    await context.close();
  }
});

test("of two recordings one fails: the other can be chosen beside what failed", async () => {
  const { context, page, accessible } = await open(5308);
  await playOf(page, 0).click();
  await dockOf(page).getByRole("heading", { name: "The recording lies on a host that is not allowed" }).waitFor();
  await accessible("one of two recordings failed");
  await dockOf(page)
    .getByRole("button", { name: /^Choose a recording/ })
    .click();
  await page.getByRole("menuitemradio").nth(1).click();
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await heard(page);
  await context.close();
});

test("what was never there says so in the thread, and there is no player", async () => {
  for (const [ticket, words] of [
    [5294, /Zendesk lists no recording of this call/],
    [5301, /Zendesk has no recording of this call yet/],
  ]) {
    const { context, page, clean } = await open(ticket);
    const note = page.getByText(words).first();
    await note.waitFor();
    differs(String(words), await note.textContent());
    assert.equal(await dockOf(page).count(), 0);
    clean();
    await context.close();
  }
});

test("without ranges and as WAV they play all the same", async () => {
  for (const ticket of [5252, 5245]) {
    const { context, page, clean } = await open(ticket);
    await playOf(page, 0).click();
    await heard(page);
    clean();
    await context.close();
  }
});

test("what is heard is told to the gateway at leaving, in whole spans, with the opening it belongs to", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  const told = [];
  await page.route(/\/api\/v1\/opens\/[^/]+\/heard$/, async (route) => {
    const answer = await route.fetch();
    told.push({ url: route.request().url(), body: route.request().postDataJSON(), status: answer.status() });
    await route.fulfill({ response: answer });
  });
  let header;
  await page.route(/\/interactions\/ticket\/5203/, async (route) => {
    const answer = await route.fetch();
    const body = await answer.text();
    header ??= JSON.parse(body.split("\n")[0]);
    await route.fulfill({ response: answer, body });
  });
  await page.goto(`${demo.url}/i/zd/ticket/5203?t=20`);
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 22, undefined, { polling: 50 });
  await page.getByRole("link", { name: /Harbour/ }).click();
  await page.waitForURL(`${demo.url}/`);
  for (let waited = 0; told.length === 0 && waited < 5000; waited += 50) await page.waitForTimeout(50);
  assert.equal(told.length, 1);
  assert.equal(told[0].status, 204);
  assert.equal(new URL(told[0].url).pathname, `/api/v1/opens/${header.open}/heard`);
  const { recording, spans } = told[0].body;
  assert.match(recording, /^\d+$/);
  assert.equal(spans.length, 1, JSON.stringify(spans));
  const [[from, to]] = spans;
  assert.ok(from >= 19.9 && from < 21 && to > 21.5 && to < 40, JSON.stringify(spans));
  clean();
  await context.close();
});
