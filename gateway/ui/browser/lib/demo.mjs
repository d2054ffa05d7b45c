import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export function program() {
  return process.env.SIGHTGLASS_BIN ?? fileURLToPath(new URL("../../../../bin/sightglass", import.meta.url));
}

/**
 * Starts a demo on a free port and reads its one line of JSON.
 * Resolves with {url, sign_in_url, api_keys, links, samples, stop}.
 */
export async function startDemo(...args) {
  const child = spawn(program(), ["demo", "--json", "--listen", "127.0.0.1:0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit").then(([code]) => {
    throw new Error(`the demo ended with ${code} before it was ready`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), gone]);
  gone.catch(() => undefined); // from here on its end is ours
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { ...JSON.parse(line), stop };
}

/** Asks the demo's API with one of its keys; role "analyst" or "administrator". */
export async function ask(demo, role, path, body, method = body ? "POST" : "GET") {
  const answer = await fetch(`${demo.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${demo.api_keys[role]}`, "Content-Type": "application/json" },
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}
