// Runs every browser/*.test.mjs in Debian's Chromium against `sightglass demo`.
//   npm run browser [-- NAME…]      only the files whose name contains one of NAME
//   SIGHTGLASS_BIN                  the program (../../bin/sightglass)
//   SIGHTGLASS_CHROMIUM             the browser (/usr/bin/chromium)
//   SIGHTGLASS_PICTURES             where the README's pictures go; without it none are taken
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { program } from "./lib/demo.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

if (!existsSync(program())) {
  console.error(`${program()} is missing: run \`make build\`, or set SIGHTGLASS_BIN.`);
  process.exit(2);
}
const args = ["--test", "--test-concurrency=2", "--test-reporter=spec", ...files.map((name) => `${here}${name}`)];
const child = spawn(process.execPath, args, { stdio: "inherit" });
child.on("exit", (code) => process.exit(code ?? 1));
