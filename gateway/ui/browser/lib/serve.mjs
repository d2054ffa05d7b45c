import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "./demo.mjs";

export const reader = { login: "reader@acme.example", password: "3-Careful-otters-reading" };

/**
 * Runs `sightglass serve` with one Zendesk link, "zd", whose API is a server of the test's own.
 * `comments(ticket)` gives the comments that the ticket of that number has, as Zendesk words them.
 * Resolves with {url, stop}; `reader` may sign in.
 */
export async function startServe(comments) {
  const provider = createServer((request, response) => answer(comments, request, response));
  const folder = await mkdtemp(join(tmpdir(), "sightglass-serve-"));
  const [api, port] = await Promise.all([listen(provider), freePort()]);
  const url = `http://127.0.0.1:${port}`;
  const files = {
    "password.txt": reader.password,
    "token.txt": "a-token-of-the-test",
    "keys.txt": `t:${Buffer.alloc(32, 7).toString("base64")}\n`,
    "sightglass.yaml": `
listen: 127.0.0.1:${port}
metrics_listen: ""
public_url: ${url}
keys_file: keys.txt
records: {dsn: "sqlite:sightglass.db"}
security: {private_upstreams: [127.0.0.1/32]}
sites:
  - id: main
    users: [{login: ${reader.login}, roles: [analyst], password_file: password.txt}]
    links:
      - id: zd
        provider: zendesk
        settings: {subdomain: acme}
        endpoints: {api: "${api}"}
        credential: {kind: bearer, token_file: token.txt}
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const child = spawn(program(), ["serve", "--config", join(folder, "sightglass.yaml"), "--log-level", "error"], {
    cwd: folder,
    // What tells these tests about themselves is no configuration of the program's.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGHTGLASS_"))),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    provider.closeAllConnections();
    provider.close();
    await rm(folder, { recursive: true, force: true });
  };
  for (let waited = 0; child.exitCode === null && waited < 15_000; waited += 50) {
    const ready = await fetch(`${url}/frame`).catch(() => undefined);
    if (ready?.ok) return { url, stop };
    await sleep(50);
  }
  await stop();
  throw new Error("serve did not start");
}

function answer(comments, request, response) {
  const [, ticket, rest] = request.url.match(/^\/api\/v2\/tickets\/(\d+)(\/comments)?(?:\.json)?(?:\?|$)/) ?? [];
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  if (!ticket) {
    response.writeHead(404).end(`{"error":"RecordNotFound","description":"Not found"}`);
    return;
  }
  const at = "2026-02-11T08:14:55Z";
  const users = [{ id: 801, name: "A customer", role: "end-user" }];
  response.end(
    JSON.stringify(
      rest
        ? { comments: comments(Number(ticket)), users, meta: { has_more: false, after_cursor: null } }
        : { ticket: { id: Number(ticket), subject: "Mail", status: "open", requester_id: 801, created_at: at }, users },
    ),
  );
}

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

async function freePort() {
  const server = createServer();
  await listen(server);
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
