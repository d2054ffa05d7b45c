// What the player promises to the second and to the byte, too slow for `make test`: `make test-clients`.
// The waveform against ffmpeg's samples, the lit line at random seconds, and the files that browsers hold
// open while an hour plays.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launch, signIn, visit } from "./lib/browser.mjs";
import { scriptOf, timeTranscript } from "./lib/calls.mjs";
import { startDemo } from "./lib/demo.mjs";
import { startFirefox } from "./lib/firefox.mjs";
import { familyOf, holdsAny, writableFiles } from "./lib/openfiles.mjs";

const run = promisify(execFile);
const patience = { timeout: 240_000 };
const binsPerSecond = 100; // bins.ts
const stereo = { ticket: 5203, script: "moment" };
const hour = 5238; // sim.TicketCallHour

let demo;
let headers;
let state; // of one who has signed in

before(async () => {
  demo = await startDemo();
  headers = { Authorization: `Bearer ${demo.api_keys.analyst}` };
  const browser = await launch();
  state = await signIn(browser, demo);
  await browser.close();
});

after(() => demo?.stop());

/** The bytes of a ticket's first recording, as one plain GET gives them. */
async function recordingOf(ticket) {
  const path = `/api/v1/links/${demo.links[0].id}/interactions/ticket/${ticket}`;
  const text = await (await fetch(`${demo.url}${path}`, { headers })).text();
  const parts = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const url = `${demo.url}/api/v1/media/${parts.find((part) => part.handle && part.type === "recording").handle}`;
  return { url, bytes: Buffer.from(await (await fetch(url, { headers })).arrayBuffer()) };
}

/** Opens a ticket in Chromium with the Worker's seconds noted as they come. */
async function openCall(browser, ticket, script) {
  const visitor = await visit(browser, demo, { state });
  if (script) await timeTranscript(visitor.page, script);
  await visitor.page.addInitScript(() => {
    window.seconds = [];
    window.drawnAfter = 0;
    const Plain = window.Worker;
    window.Worker = class extends Plain {
      constructor(...args) {
        super(...args);
        const from = performance.now();
        this.addEventListener("message", ({ data }) => {
          if (data.say === "second") {
            window.seconds.push(data.second.channels.map((bytes) => [...bytes]));
            if (data.second.second === 359) window.sixMinutesAfter = performance.now() - from;
          } else window.drawnAfter = performance.now() - from;
        });
      }
    };
  });
  await visitor.page.goto(`${demo.url}/i/zd/ticket/${ticket}`);
  await visitor.page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await visitor.page.waitForFunction(() => document.querySelector("audio"));
  return visitor;
}

const play = (page) =>
  page.getByRole("region", { name: "Player", exact: true }).getByRole("button", { name: "Play", exact: true }).click();

/** The lowest and highest sample of each bin as ffmpeg decodes it, in 127ths: [channel][bin] = [low, high]. */
async function ffmpegPeaks(url) {
  const { stdout: about } = await run("ffprobe", [
    ...["-v", "error", "-headers", `Authorization: ${headers.Authorization}\r\n`],
    ...["-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0", url],
  ]);
  const [rate, channels] = about.trim().split(",").map(Number);
  const { stdout } = await run(
    "ffmpeg",
    ["-v", "error", "-headers", `Authorization: ${headers.Authorization}\r\n`, "-i", url, "-f", "f32le", "-"],
    { encoding: "buffer", maxBuffer: 1 << 28 },
  );
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  return Array.from({ length: channels }, (_, channel) => {
    const bins = [];
    for (let frame = 0; frame * channels < samples.length; frame++) {
      const bin = Math.floor((frame * binsPerSecond) / rate);
      bins[bin] ??= [0, 0];
      const value = samples[frame * channels + channel] * 127;
      bins[bin][0] = Math.min(bins[bin][0], value);
      bins[bin][1] = Math.max(bins[bin][1], value);
    }
    return bins;
  });
}

test("the waveform is within 2 % of what ffmpeg decodes, bin by bin", patience, async () => {
  const { url } = await recordingOf(stereo.ticket);
  const want = await ffmpegPeaks(url);
  const browser = await launch();
  try {
    const { page } = await openCall(browser, stereo.ticket);
    await play(page);
    await page.waitForFunction(() => window.drawnAfter > 0, undefined, { timeout: 60_000 });
    const got = await page.evaluate(() => window.seconds);
    assert.equal(got[0].length, want.length, "channels");
    let [compared, far, worst] = [0, 0, 0];
    want.forEach((bins, channel) => {
      bins.forEach(([low, high], bin) => {
        const second = got[Math.floor(bin / binsPerSecond)]?.[channel];
        assert.ok(second, `second ${Math.floor(bin / binsPerSecond)} is missing`);
        const at = (bin % binsPerSecond) * 2;
        const off = Math.max(Math.abs(second[at] - low), Math.abs(second[at + 1] - high)) / 127;
        compared++;
        worst = Math.max(worst, off);
        if (off > 0.02) far++;
      });
    });
    console.log(`${compared} bins, the worst ${(worst * 100).toFixed(2)} % of full scale off, ${far} beyond 2 %`);
    assert.ok(compared > 5000, `${compared} bins were compared`);
    assert.equal(far, 0, `of ${compared} bins, the worst is ${worst} of full scale off`);
  } finally {
    await browser.close();
  }
});

test("at 50 random seconds and three speeds the lit line is the one heard, to 150 ms", patience, async () => {
  const script = scriptOf(stereo.script);
  const starts = script.utterances.map(({ from }) => from);
  const browser = await launch();
  try {
    const { page } = await openCall(browser, stereo.ticket, script);
    const strip = page.getByRole("region", { name: /^Recording of/ });
    await strip.getByRole("button", { name: /^Play the recording/ }).click();
    await page.waitForFunction(() => document.querySelector("audio").currentTime > 0);
    const length = await page.evaluate(() => document.querySelector("audio").duration);
    const moments = Array.from({ length: 150 }, (_, n) => ({
      speed: [1, 1.5, 2][n % 3],
      second: Math.random() * (length - 4),
    }));
    const wrong = await page.evaluate(
      async ({ moments, starts }) => {
        const heard = document.querySelector("audio");
        const wrong = [];
        const frames = async (count) => {
          for (let n = 0; n < count; n++) await new Promise(requestAnimationFrame);
        };
        for (const { speed, second } of moments) {
          heard.playbackRate = speed;
          heard.currentTime = second;
          while (heard.seeking || heard.currentTime === second) await frames(1);
          if (heard.paused) await heard.play();
          await new Promise((resolve) => setTimeout(resolve, 200));
          const lit = [...document.querySelectorAll("article ol > li")].findIndex((one) => one.ariaCurrent === "true");
          const at = heard.currentTime;
          const right = [at - 0.15, at, at + 0.15].map((time) => starts.findLastIndex((start) => start <= time));
          if (!right.includes(lit)) wrong.push(`at ${at.toFixed(2)} s, ${speed}×: line ${lit}, want one of ${right}`);
        }
        return wrong;
      },
      { moments, starts },
    );
    assert.deepEqual(wrong, [], `${wrong.length} of ${moments.length}`);
  } finally {
    await browser.close();
  }
});

test(
  "six minutes are drawn while an hour is read, and nothing on disk is written with what plays",
  patience,
  async () => {
    const { bytes } = await recordingOf(hour);
    const browser = await launch();
    const session = await browser.newBrowserCDPSession();
    try {
      const { page } = await openCall(browser, hour);
      await play(page);
      await playsOn(async () => page.evaluate(() => document.querySelector("audio").currentTime));
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      const main = processInfo.find(({ type }) => type === "browser").id;
      assert.deepEqual(tell("Chromium", lookFor(main, bytes)), []);
      await page.waitForFunction(() => window.drawnAfter > 0, undefined, { timeout: 120_000 });
      const [six, all] = await page.evaluate(() => [window.sixMinutesAfter, window.drawnAfter]);
      console.log(`six minutes after ${(six / 1000).toFixed(1)} s, the hour after ${(all / 1000).toFixed(1)} s`);
      assert.deepEqual(tell("Chromium", lookFor(main, bytes)), []);
    } finally {
      await browser.close();
    }
  },
);

/** What docs/what-is-kept.md tells those to set who use Firefox. */
const inMemory = { "media.memory_cache_max_size": 262_144, "media.memory_caches_combined_limit_kb": 524_288 };

for (const [name, preferences, onDisk] of [
  ["as it comes: into a nameless file", {}, 1],
  ["set as the documentation says: none to disk", inMemory, 0],
]) {
  test(`Firefox's <audio> plays an hour, seeks, and writes, ${name}`, patience, async () => {
    const { bytes } = await recordingOf(hour);
    const firefox = await startFirefox(preferences);
    try {
      await firefox.go(`${demo.url}/signin`);
      for (const { name, value } of state.cookies) await firefox.cookie(name, value);
      await firefox.go(`${demo.url}/i/zd/ticket/${hour}`);
      await firefox.run(async () => {
        const button = () => document.querySelector('section[aria-label="Player"] button[aria-label="Play"]');
        while (!button()) await new Promise((resolve) => setTimeout(resolve, 100));
        button().click();
      });
      const at = () => firefox.run(async () => document.querySelector("audio").currentTime);
      await playsOn(at);
      await firefox.run(async (second) => {
        document.querySelector("audio").currentTime = second;
      }, 3000);
      await playsOn(at, 3000);
      const disk = tell("Firefox", lookFor(firefox.pid, bytes));
      assert.ok(disk.length <= onDisk, disk.join("\n"));
      // Gone from its folder as soon as it is made: no other program finds it, and it ends with the browser.
      for (const file of disk) assert.match(file, /\/mozilla-temp-\d+ \(deleted\)$/);
    } finally {
      await firefox.stop();
    }
  });
}

async function playsOn(at, from = 0) {
  for (let n = 0; n < 600; n++) {
    if ((await at()) > from + 2) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`it does not play on from ${from} s`);
}

/** The files of a browser that hold one of a hundred pieces of the recording. */
function lookFor(pid, bytes) {
  const pieces = Array.from({ length: 100 }, (_, n) => {
    const at = Math.floor((bytes.length / 100) * n + 4096 * Math.random());
    return bytes.subarray(at, at + 48);
  });
  const files = writableFiles(familyOf(pid));
  assert.ok(files.length > 5, `${files.length} files are open for writing: that cannot be all`);
  return { files, holding: files.filter((file) => holdsAny(file, pieces)) };
}

/** Says what was found, and returns the names of files on disk that hold pieces of the recording. */
function tell(browser, { files, holding }) {
  const memory = holding.filter(({ where }) => where === "memory").length;
  console.log(
    `${browser}: ${files.length} files open for writing; ${memory} pieces of shared memory with the recording`,
  );
  return holding.filter(({ where }) => where === "disk").map(({ name }) => name);
}
