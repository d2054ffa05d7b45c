// Drives Debian's Firefox through Marionette, its own remote protocol: JSON with its length before it, over
// TCP. playwright-core needs a Firefox of its own build.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const preferences = {
  "marionette.port": 0, // a free one; it is written into the profile
  "media.autoplay.default": 0, // a script may play
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "app.normandy.enabled": false,
};

/** A sound server of our own with nothing behind it: without an output Firefox plays nothing, it fails. */
async function startSound(folder) {
  const child = spawn(
    "pulseaudio",
    ["-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no", "--disable-shm=yes"].concat(
      [
        "--load=module-null-sink",
        `--load=module-native-protocol-unix socket=${join(folder, "native")} auth-anonymous=1`,
      ],
    ),
    { stdio: "ignore", env: { ...process.env, PULSE_RUNTIME_PATH: folder, HOME: folder } },
  );
  await until(() => existsSync(join(folder, "native")), child, "the sound server does not start");
  return child;
}

async function until(there, child, otherwise) {
  for (let n = 0; n < 600 && child.exitCode === null; n++) {
    if (await there()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(otherwise);
}

/** Starts it headless with a profile of its own and these preferences besides. Resolves with {pid, go, cookie, run, stop}. */
export async function startFirefox(more = {}) {
  const profile = await mkdtemp(join(tmpdir(), "sightglass-firefox-"));
  const lines = Object.entries({ ...preferences, ...more }).map(
    ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const sound = await startSound(profile);
  const program = process.env.SIGHTGLASS_FIREFOX ?? "/usr/bin/firefox-esr";
  const child = spawn(program, ["--headless", "--marionette", "--no-remote", "--profile", profile], {
    stdio: "ignore",
    env: { ...process.env, PULSE_SERVER: `unix:${join(profile, "native")}` },
  });
  const gone = once(child, "exit");
  const socket = connect(await portOf(profile, child), "127.0.0.1");
  const say = await speak(socket);
  await say("WebDriver:NewSession", {});
  await say("WebDriver:SetTimeouts", { script: 60_000, pageLoad: 60_000 });
  return {
    pid: child.pid,
    cookie: (name, value) => say("WebDriver:AddCookie", { cookie: { name, value } }),
    go: (url) => say("WebDriver:Navigate", { url }),
    /** Runs an async function of the page with arguments, and gives what it resolves with. */
    run: async (what, ...args) => {
      const script = `const done = arguments[arguments.length - 1];
        (${what})(...[...arguments].slice(0, -1)).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value } = await say("WebDriver:ExecuteAsyncScript", { script, args });
      if (value.error) throw new Error(value.error);
      return value.value;
    },
    stop: async () => {
      socket.destroy();
      child.kill("SIGTERM");
      await gone;
      sound.kill("SIGTERM");
      if (sound.exitCode === null) await once(sound, "exit");
      await rm(profile, { recursive: true, force: true });
    },
  };
}

async function portOf(profile, child) {
  const file = join(profile, "MarionetteActivePort");
  const port = async () => (existsSync(file) ? Number(await readFile(file, "utf8")) : 0);
  await until(async () => (await port()) > 0, child, "Firefox does not say its port");
  return port();
}

/** Reads the greeting and returns what sends a command and waits for its answer. */
async function speak(socket) {
  const waiting = new Map();
  let [rest, greeted, last] = [Buffer.alloc(0), false, 0];
  const hello = new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let at = rest.indexOf(":"); at > 0; at = rest.indexOf(":")) {
        const end = at + 1 + Number(rest.subarray(0, at));
        if (rest.length < end) return;
        const message = JSON.parse(rest.subarray(at + 1, end));
        rest = rest.subarray(end);
        if (greeted) answer(message);
        else resolve();
        greeted = true;
      }
    });
  });
  const answer = ([, id, error, value]) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(`${error.error}: ${error.message}`));
    else resolve(value);
  };
  await hello;
  return (name, parameters) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      const text = Buffer.from(JSON.stringify([0, last, name, parameters]));
      socket.write(`${text.length}:`);
      socket.write(text);
    });
}
