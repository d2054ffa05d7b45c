// Parts of recordings through the running program: curl takes exactly the bytes it asks for and goes on
// where a download stopped, Chromium seeks; also where the storage has no ranges. More programs:
// `make test-clients`.
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
const tickets = { "with ranges": 5210, "without ranges": 5252 }; // sim.TicketCallWarranty, sim.TicketCallNoRange
const calls = {};
let demo;
let folder;

before(async () => {
  demo = await startDemo();
  folder = await mkdtemp(join(tmpdir(), "sightglass-relay-"));
  for (const [name, ticket] of Object.entries(tickets)) calls[name] = await recordingOf(demo, ticket);
}, patience);

after(async () => {
  await demo?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

for (const name of Object.keys(tickets)) {
  test(`curl gets what it asks for from a storage ${name}`, patience, async () => {
    const { url, whole, header } = calls[name];
    const file = join(folder, "part");
    const curl = (...args) =>
      run("curl", ["-sS", "-o", file, "-H", header, "-w", "%{http_code} %header{content-range}", ...args, url]);
    for (const [range, from, to] of [
      ["0-99", 0, 100],
      ["1000-70000", 1000, 70_001],
      ["-500", whole.length - 500, whole.length],
      [`${whole.length - 10}-`, whole.length - 10, whole.length],
    ]) {
      const { stdout } = await curl("-r", range);
      assert.equal(stdout, `206 bytes ${from}-${to - 1}/${whole.length}`, `curl -r ${range}`);
      assert.deepEqual(await readFile(file), whole.subarray(from, to), `curl -r ${range}`);
    }
    const past = await curl("-r", `${whole.length}-`);
    assert.equal(past.stdout, `416 bytes */${whole.length}`);
    await writeFile(file, whole.subarray(0, 50_001));
    await curl("-C", "-");
    assert.deepEqual(await readFile(file), whole, "curl -C - goes on where it stopped");
    const head = await run("curl", ["-sS", "-I", "-H", header, url]);
    assert.match(head.stdout, new RegExp(`content-length: ${whole.length}\\r`, "i"));
    assert.match(head.stdout, /accept-ranges: bytes\r/i);
  });
}

test("Chromium seeks in a recording whose storage has no ranges", patience, async () => {
  const browser = await launch();
  try {
    const { page, clean } = await visit(browser, demo, { state: await signIn(browser, demo) });
    await page.goto(demo.url);
    const second = Math.floor(calls["without ranges"].part.seconds * 0.6);
    const heard = await playAndSeek(page, calls["without ranges"].path, second);
    assert.ok(heard.begun < second && heard.sought >= second + 0.3 && heard.seekable > second, JSON.stringify(heard));
    clean();
  } finally {
    await browser.close();
  }
});
