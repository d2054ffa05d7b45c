// Programs that people point at a recording, through the gateway, against the demo's simulator:
// `make test-clients`. What a program saves is compared byte for byte with what one plain GET gives.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launch, signIn, visit } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";
import { playAndSeek, recordingOf } from "./lib/recordings.mjs";

const run = promisify(execFile);
const patience = { timeout: 120_000 };
const hourTicket = 5238; // sim.TicketCallHour
let demo;
let folder;
let url; // of the hour-long call
let whole; // its bytes
let path; // of its interaction
let key;

before(async () => {
  demo = await startDemo();
  folder = await mkdtemp(join(tmpdir(), "sightglass-clients-"));
  ({ url, whole, path, header: key } = await recordingOf(demo, hourTicket));
  assert.ok(whole.length >= 8 << 20, `the call has ${whole.length} bytes: aria2c would not split them`);
}, patience);

after(async () => {
  await demo?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("curl asks for ranges and gets exactly those", patience, async () => {
  for (const [range, from, to] of [
    ["0-99", 0, 100],
    ["1000-70000", 1000, 70001],
    ["-500", whole.length - 500, whole.length],
    [`${whole.length - 10}-`, whole.length - 10, whole.length],
  ]) {
    const file = join(folder, "curl");
    const { stdout } = await run("curl", ["-sS", "-w", "%{http_code}", "-o", file, "-r", range, "-H", key, url]);
    assert.equal(stdout, "206", `curl -r ${range}`);
    assert.deepEqual(await readFile(file), whole.subarray(from, to), `curl -r ${range}`);
  }
});

test("wget -c goes on where a download stopped", patience, async () => {
  const file = join(folder, "wget");
  await writeFile(file, whole.subarray(0, 50_001));
  await run("wget", ["-q", "-c", "-O", file, `--header=${key}`, url]);
  assert.deepEqual(await readFile(file), whole);
});

test("aria2c -x8 puts it together from several connections", patience, async () => {
  await run("aria2c", [
    "-q",
    "-x8",
    "-s8",
    "-k1M",
    "--min-split-size=1M",
    "--no-conf",
    "-d",
    folder,
    "-o",
    "aria2",
    `--header=${key}`,
    url,
  ]);
  assert.deepEqual(await readFile(join(folder, "aria2")), whole);
});

test("ffmpeg seeks before it decodes", patience, async () => {
  const { stdout } = await run(
    "ffmpeg",
    [
      "-v",
      "error",
      "-headers",
      `${key}\r\n`,
      "-ss",
      "10",
      "-i",
      url,
      "-t",
      "2",
      "-f",
      "s16le",
      "-ac",
      "1",
      "-ar",
      "8000",
      "-",
    ],
    { encoding: "buffer", maxBuffer: 1 << 24 },
  );
  assert.ok(
    Math.abs(stdout.length - 32_000) < 3_200,
    `${stdout.length} bytes of two seconds at 8 kHz, want about 32000`,
  );
});

test("mpv plays from the middle", patience, async () => {
  const file = join(folder, "mpv.wav"); // its audio output is a file, so that there is something to look at
  await run("mpv", [
    "--no-config",
    "--ao=pcm",
    `--ao-pcm-file=${file}`,
    "--no-video",
    "--start=10",
    "--length=1",
    `--http-header-fields=${key}`,
    url,
  ]);
  const wav = await readFile(file);
  const seconds = (wav.length - 44) / wav.readUInt32LE(28); // by its bytes a second
  assert.ok(seconds > 0.7 && seconds < 1.5, `mpv played ${seconds} s, want about one`);
});

test("Chromium's <audio> plays and seeks", patience, async () => {
  const browser = await launch();
  try {
    const { page, clean } = await visit(browser, demo, { state: await signIn(browser, demo) });
    await page.goto(demo.url);
    const heard = await playAndSeek(page, path, 10);
    assert.ok(heard.begun < 10 && heard.sought >= 10.3, JSON.stringify(heard));
    clean();
  } finally {
    await browser.close();
  }
});
