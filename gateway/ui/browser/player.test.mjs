// The player: hearing a call, following its transcript, seeking, and every way it can fail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desk, fits, launch, phone, picture, signIn, tablet, visit } from "./lib/browser.mjs";
import { scriptOf, timeTranscript } from "./lib/calls.mjs";
import { startDemo } from "./lib/demo.mjs";

const held = "/i/zd/ticket/5203"; // stereo, with a hold
const transferred = "/i/zd/ticket/5217"; // mono
const two = "/i/zd/ticket/5224"; // a voicemail and a call
const script = scriptOf("moment");

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
const lanesOf = (page) => page.getByRole("slider", { name: "Position in the recording" });
const audio = (page) =>
  page.evaluate(() => {
    const { currentTime, paused, playbackRate } = document.querySelector("audio");
    return { currentTime, paused, playbackRate };
  });
/** Waits; what never comes is told together with what the element says of itself. */
async function until(page, what, value) {
  try {
    return await page.waitForFunction(what, value, { polling: 50 });
  } catch (cause) {
    const state = await page.evaluate(() => {
      const { currentTime, paused, seeking, readyState, networkState, buffered, error } =
        document.querySelector("audio") ?? {};
      const ranges = Array.from({ length: buffered?.length ?? 0 }, (_, n) => [buffered.start(n), buffered.end(n)]);
      return { currentTime, paused, seeking, readyState, networkState, ranges, error: error?.message };
    });
    throw new Error(`not reached; audio: ${JSON.stringify(state)}`, { cause });
  }
}
const playing = (page) =>
  until(page, () => {
    const heard = document.querySelector("audio");
    return heard && !heard.paused && heard.currentTime > 0 && heard.readyState > 2;
  });

/** Opens a call and notes every request for its bytes. */
async function openCall(path, { timed, prepare, ...options } = {}) {
  const visitor = await visit(browser, demo, { state, ...options });
  const media = [];
  visitor.page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname.startsWith("/api/v1/media/")) media.push({ handle: url.pathname, query: url.search });
  });
  if (timed) await timeTranscript(visitor.page, timed);
  await prepare?.(visitor.page);
  await visitor.page.goto(`${demo.url}${path}`);
  await dockOf(visitor.page).waitFor();
  return { ...visitor, media };
}

test("a ticket without audio has no player", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/i/zd/ticket/5012`);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  assert.equal(await dockOf(page).count(), 0);
  clean();
  await context.close();
});

test("not a byte is fetched before play; then it is heard, and one plain read draws the waveform", async () => {
  const { context, page, clean, media } = await openCall(held);
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await dockOf(page).getByText("Nothing is fetched before you press play.").waitFor();
  assert.deepEqual(media, []);
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await playing(page);
  await until(page, () => {
    const [canvas] = document.querySelectorAll("[role=slider] canvas");
    if (!canvas?.width) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 11, canvas.width, 4);
    return data.filter((_, i) => i % 4 === 3).filter((alpha) => alpha > 0).length > 20;
  });
  assert.equal(media.filter(({ query }) => query === "?use=peaks").length, 1);
  assert.equal(await page.locator("[role=slider] canvas").count(), 2, "left and right");
  await dockOf(page).getByText("Left").waitFor();
  clean();
  await context.close();
});

test("a link to a second shows it and waits for a press; then it plays from there", async () => {
  const { context, page, clean, media } = await openCall(`${held}?t=93`);
  await until(page, () => document.querySelector("[role=slider]")?.getAttribute("aria-valuenow") === "93");
  assert.deepEqual(media, []);
  await page.keyboard.press("Space");
  await playing(page);
  const { currentTime } = await audio(page);
  assert.ok(currentTime >= 93 && currentTime < 97, `plays at ${currentTime}`);
  clean();
  await context.close();
});

test("the keys of the sheet: play, seek, speed, loop, copy", async () => {
  const { context, page, clean } = await openCall(held);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.keyboard.press("Space");
  await playing(page);
  await page.keyboard.press("Space");
  await until(page, () => document.querySelector("audio").paused);
  const start = (await audio(page)).currentTime;
  await page.keyboard.press("Shift+L");
  await page.keyboard.press("l");
  await page.keyboard.press("j");
  await page.keyboard.press("l");
  assert.ok(Math.abs((await audio(page)).currentTime - start - 35) < 0.3);
  await page.keyboard.press("Shift+C");
  await page.getByText(/^Link to 0:3\d copied$/).waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(link.pathname, held);
  assert.deepEqual([...link.searchParams.keys()], ["r", "t"]);
  await page.keyboard.press(">");
  await page.keyboard.press(">");
  await page.keyboard.press("<");
  assert.equal((await audio(page)).playbackRate, 1.25);
  await page.keyboard.press("[");
  await page.keyboard.press("Space");
  await playing(page);
  await until(page, (second) => document.querySelector("audio").currentTime > second, start + 36);
  await page.keyboard.press("]");
  const again = await until(page, () => {
    const at = document.querySelector("audio").currentTime;
    window.furthest = Math.max(window.furthest ?? 0, at);
    return at < window.furthest - 0.5;
  });
  assert.ok(again, "the loop begins again");
  await page.keyboard.press("\\");
  await dockOf(page).getByRole("button", { name: "Begin a loop here" }).waitFor();
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Shift+J");
  assert.ok((await audio(page)).currentTime < 5, "not before the beginning");
  clean();
  await context.close();
});

test("Space on a button presses that button", async () => {
  const { context, page, clean } = await openCall(held);
  await dockOf(page).getByRole("button", { name: "Forward 5 seconds" }).focus();
  await page.keyboard.press("Space");
  await until(page, () => document.querySelector("[role=slider]")?.getAttribute("aria-valuenow") === "5");
  assert.ok((await audio(page)).paused);
  clean();
  await context.close();
});

test("speed and volumes are there the next time, as numbers", async () => {
  const { context, page, clean } = await openCall(held);
  await page.keyboard.press(">");
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await playing(page);
  await dockOf(page).getByText("Right").waitFor();
  await dockOf(page).getByRole("slider", { name: "Volume: Right" }).fill("0");
  await playing(page);
  const before = (await audio(page)).currentTime;
  await until(page, (second) => document.querySelector("audio").currentTime > second + 0.5, before);
  const kept = await page.evaluate(() => Object.entries(localStorage));
  assert.equal(kept.length, 1);
  assert.match(kept[0][0], /^sightglass-player:[\w-]+$/);
  assert.match(kept[0][1], /^[\d. ]+$/);
  await page.reload();
  await dockOf(page).getByRole("button", { name: "Speed 1.25×" }).waitFor();
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await dockOf(page).getByText("Right").waitFor();
  assert.equal(await dockOf(page).getByRole("slider", { name: "Volume: Right" }).inputValue(), "0");
  clean();
  await context.close();
});

test("the transcript follows what is heard, at every speed, and a press on a line plays it", async () => {
  const { context, page, accessible } = await openCall(held, { timed: script });
  const strip = page.getByRole("region", { name: /^Recording of/ });
  await strip.getByRole("button", { name: /^Play the recording/ }).click();
  await playing(page);
  const starts = script.utterances.map(({ from }) => from);
  for (const [speed, second] of [
    [1, 2],
    [2, 30],
    [3, 95],
  ]) {
    await page.evaluate((at) => {
      document.querySelector("audio").currentTime = at;
    }, second);
    for (let i = 0; (await audio(page)).playbackRate < speed && i < 9; i++) await page.keyboard.press(">");
    const wrong = await page.evaluate(
      async ({ starts }) => {
        const heard = document.querySelector("audio");
        const found = [];
        for (let i = 0; i < 60; i++) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          const lit = [...document.querySelectorAll("article ol > li")].findIndex(
            (line) => line.ariaCurrent === "true",
          );
          const at = heard.currentTime;
          const allowed = [at - 0.15, at, at + 0.15].map((time) => starts.findLastIndex((start) => start <= time));
          if (!allowed.includes(lit)) found.push(`at ${at} line ${lit} is lit, want one of ${allowed}`);
        }
        return found;
      },
      { starts },
    );
    assert.ok(wrong.length <= 2, `at ${speed}×: ${wrong.join("\n")}`); // a busy machine draws late now and then
  }
  const line = strip.getByRole("button", { name: "Play from 0:00" }).first();
  await line.click();
  await until(page, () => document.querySelector("audio").currentTime < 4);
  await dockOf(page).getByText("Agent", { exact: true }).waitFor();
  assert.deepEqual(
    await page.locator("[role=slider] canvas").evaluateAll((all) => all.map((one) => one.dataset.look)),
    ["agent", "customer"],
  );
  await dockOf(page).getByText("hold", { exact: true }).waitFor();
  assert.equal(await dockOf(page).getByText("paused", { exact: true }).count(), 2, "a gap and a cut");
  await accessible("a call with its transcript");
  await context.close();
});

test("silence is skipped", async () => {
  const { context, page, clean } = await openCall(transferred);
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await playing(page);
  await until(page, () => document.querySelector("[role=slider] canvas")?.width > 0);
  await dockOf(page).getByRole("button", { name: "Skip silence" }).click();
  assert.equal(await dockOf(page).getByRole("button", { name: "Skip silence" }).getAttribute("aria-pressed"), "true");
  const jumped = await page.evaluate(async () => {
    const heard = document.querySelector("audio");
    let last = heard.currentTime;
    let jump = 0;
    heard.playbackRate = 3;
    for (let i = 0; i < 400 && jump < 0.5 && !heard.ended; i++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const now = heard.currentTime;
      jump = Math.max(jump, now - last - 0.4);
      last = now;
    }
    return { jump, at: last };
  });
  assert.ok(jumped.jump >= 0.5 || jumped.at > 25, `jumped ${JSON.stringify(jumped)}`);
  clean();
  await context.close();
});

test("an expired handle is renewed without a word, at the same second", async () => {
  let expired;
  const { context, page, clean, media } = await openCall(`${held}?t=40`, {
    prepare: (page) =>
      page.route(/\/api\/v1\/media\//, async (route) => {
        const { pathname } = new URL(route.request().url());
        expired ??= pathname;
        if (pathname !== expired) return route.continue();
        await route.fulfill(problem(410, "handle_expired", "request"));
      }),
  });
  await page.keyboard.press("Space");
  await playing(page);
  const { currentTime } = await audio(page);
  assert.ok(currentTime >= 40 && currentTime < 45, `plays at ${currentTime}`);
  assert.ok(media.some(({ handle }) => handle !== expired));
  assert.equal(await page.getByRole("alert").count(), 0);
  clean();
  await context.close();
});

function problem(status, code, fault, more = {}) {
  const body = {
    type: `/problems/${code}`,
    status,
    code,
    fault,
    title: `Title of ${code}`,
    action: "What to do.",
    ...more,
  };
  return { status, contentType: "application/problem+json", body: JSON.stringify({ request_id: "7f3a", ...body }) };
}

for (const [status, code, fault, heading, retry] of [
  [410, "gone", "provider", "The recording is no longer there", false],
  [403, "not_allowed", "request", "You may not hear this recording", false],
  [502, "host_refused", "provider", "The recording lies on a host that is not allowed", false],
  [409, "missing_scope", "account", "The link may not read recordings", true],
  [502, "provider_down", "provider", "The provider does not answer", true],
]) {
  test(`audio that fails with ${code} has its own screen`, async () => {
    const { context, page, clean, accessible } = await openCall(held, {
      prepare: (page) => page.route(/\/api\/v1\/media\//, (route) => route.fulfill(problem(status, code, fault))),
    });
    await page.keyboard.press("Space");
    await dockOf(page).getByRole("heading", { name: heading }).waitFor();
    await dockOf(page).getByRole("alert").getByText("What to do.").waitFor();
    await dockOf(page).getByText("7f3a").waitFor();
    assert.equal(await dockOf(page).getByRole("button", { name: "Try again" }).count(), retry ? 1 : 0);
    assert.ok((await page.getByRole("article").count()) > 3, "the conversation stays");
    await fits(page);
    if (code === "gone") await accessible("a recording that is gone");
    if (retry) {
      await page.unroute(/\/api\/v1\/media\//);
      await dockOf(page).getByRole("button", { name: "Try again" }).click();
      await playing(page);
    }
    if (code !== "gone") clean(); // axe adds a style of its own
    await context.close();
  });
}

test("bytes that are no audio are said to be none", async () => {
  const { context, page, clean } = await openCall(held, {
    prepare: (page) =>
      page.route(/\/api\/v1\/media\//, (route) =>
        route.fulfill({ status: 200, contentType: "audio/mpeg", body: "x".repeat(4096) }),
      ),
  });
  await page.keyboard.press("Space");
  await dockOf(page).getByText("This browser cannot play the recording").waitFor();
  clean();
  await context.close();
});

test("without WebCodecs there is a plain seek bar that works", async () => {
  const { context, page, media, accessible } = await openCall(held, {
    prepare: (page) => page.addInitScript(() => delete window.AudioDecoder),
  });
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await playing(page);
  await lanesOf(page).focus();
  await page.keyboard.press("PageUp");
  await until(page, () => document.querySelector("audio").currentTime > 29);
  await page.keyboard.press("End");
  await until(page, () => document.querySelector("audio").currentTime > 100);
  const box = await lanesOf(page).boundingBox();
  await page.mouse.click(box.x + box.width / 4, box.y + 10);
  await until(page, () => Math.abs(document.querySelector("audio").currentTime - 31.6) < 3);
  assert.equal(media.filter(({ query }) => query === "?use=peaks").length, 0);
  assert.equal(await dockOf(page).getByRole("button", { name: "Skip silence" }).count(), 0);
  await accessible("a plain seek bar");
  await context.close();
});

test("two recordings: the dock plays the one that is chosen", async () => {
  const { context, page, clean } = await openCall(two, { viewport: tablet });
  await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  const choose = dockOf(page).getByRole("button", { name: /^Choose a recording/ });
  await choose.click();
  await page.getByRole("menuitemradio").nth(1).click();
  await until(page, () => document.querySelector("[role=slider]")?.ariaValueMax === "77");
  await page
    .getByRole("button", { name: /^Play the recording/ })
    .first()
    .click();
  await playing(page);
  assert.equal(await lanesOf(page).getAttribute("aria-valuemax"), "19");
  clean();
  await context.close();
});

test("leaving stops the sound, its requests and the Worker, and the system's controls know the ref only", async () => {
  const { context, page, clean } = await openCall(held);
  await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
  await playing(page);
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata.title), "zd ticket 5203");
  await until(page, () => document.querySelector("[role=slider] canvas")?.width > 0);
  await page.evaluate(() => {
    window.heard = document.querySelector("audio");
  });
  await page.getByRole("link", { name: /Harbour/ }).click();
  await page.waitForURL(`${demo.url}/`);
  assert.deepEqual(
    await page.evaluate(() => [window.heard.paused, window.heard.hasAttribute("src"), navigator.mediaSession.metadata]),
    [true, false, null],
  );
  for (let i = 0; i < 20 && page.workers().length > 0; i++) await page.waitForTimeout(50);
  assert.equal(page.workers().length, 0);
  clean();
  await context.close();
});

for (const [name, path, options] of [
  ["player-light", `${held}?t=31`, { timed: script }],
  ["player-dark", `${held}?t=31`, { timed: script, theme: "dark" }],
  ["player-mono", transferred, { viewport: tablet, timed: scriptOf("transfer") }],
  ["player-phone", held, { timed: script, viewport: phone }],
]) {
  test(`${name}: nothing is cut off, axe finds nothing, the dock is as tall as planned`, async () => {
    const { context, page, accessible, clean } = await openCall(path, options);
    await dockOf(page).getByRole("button", { name: "Play", exact: true }).click();
    await playing(page);
    await page.waitForTimeout(2500);
    await fits(page);
    const { height } = await dockOf(page).boundingBox();
    if ((options.viewport ?? desk).width > 800) assert.equal(Math.round(height), 128);
    else assert.ok(height < 210, `${height} px`);
    const cut = await dockOf(page).evaluate((dock) => {
      const edges = dock.getBoundingClientRect();
      return [...dock.querySelectorAll("button, input")]
        .map((one) => one.getBoundingClientRect())
        .filter((box) => box.right > edges.right || box.left < edges.left || box.bottom > edges.bottom).length;
    });
    assert.equal(cut, 0);
    clean();
    await accessible(name);
    await picture(page, name);
    await context.close();
  });
}
