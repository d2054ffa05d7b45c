// From where people may come, with which keys, until when: what administrators set.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fits, launch, phone, signIn, tabTo, visit } from "./lib/browser.mjs";
import { ask, startDemo } from "./lib/demo.mjs";

let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  const { context, page } = await visit(browser, demo, { state: await signIn(browser, demo) });
  await page.goto(`${demo.url}/`);
  await page.getByRole("radio", { name: "Administrator" }).click();
  await page.getByRole("link", { name: "Access" }).waitFor();
  state = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("without a pointer: a key is made, shown once, works, and is revoked", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/access`);
  await page.getByRole("button", { name: "Add an API key" }).waitFor();
  await press(page, "Add an API key");
  const dialog = page.getByRole("dialog", { name: "Add an API key" });
  await dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.matches("[role=dialog] input"));
  await page.keyboard.type("nightly");
  await tabTo(page, /^Networks/);
  await page.keyboard.type("127.0.0.1, the office");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").waitFor();
  await accessible("a rule that cannot be read");
  await dialog.getByRole("textbox", { name: "Networks and addresses" }).fill("127.0.0.1");
  await page.keyboard.press("Enter");
  const made = page.getByRole("dialog", { name: "The key nightly" });
  await made.waitFor();
  const key = await made.locator("code").textContent();
  assert.match(key, /^sgk_/);
  await accessible("a key that is shown once");
  const use = () => fetch(`${demo.url}/api/v1/session`, { headers: { Authorization: `Bearer ${key}` } });
  assert.equal((await use()).status, 200);
  await press(page, "I have it");
  await made.waitFor({ state: "detached" });
  assert.ok(!(await page.content()).includes(key), "the key is nowhere on the page any more");
  const row = page.getByRole("listitem", { name: "nightly" });
  assert.match(await row.textContent(), /Analyst.*ends \d{4}-\d\d-\d\d.*from 127\.0\.0\.1/);
  await press(page, "Revoke nightly");
  await page.getByRole("dialog", { name: "Revoke nightly?" }).waitFor();
  await press(page, "Revoke it");
  await row.waitFor({ state: "detached" });
  assert.equal((await use()).status, 401);
  clean();
  await context.close();
});

test("a rule that would shut out its maker is refused with the address; another holds for a person", async () => {
  const login = "from.afar@harbour.example";
  await ask(demo, "administrator", "/api/v1/users", {
    ...{ login, name: "From Afar", roles: ["analyst"], password: "7-Quiet-otters-at-dawn" },
  });
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/access`);
  const rule = page.getByRole("textbox", { name: "Networks and addresses" });
  await rule.fill("203.0.113.0/24");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.equal(await rule.getAttribute("aria-invalid"), "true");
  assert.match(await page.locator("main").textContent(), /shut you out.*127\.0\.0\.1/);
  await accessible("a rule that is refused");
  await rule.fill("203.0.113.0/24, 127.0.0.1");
  await page.keyboard.press("Enter");
  await page.getByText("Saved.").waitFor();
  await rule.fill("");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("[role=alert]"));
  await page.goto(`${demo.url}/users`);
  const person = page.getByRole("listitem", { name: "From Afar" });
  await person.getByRole("button", { name: "Access of From Afar" }).click();
  const dialog = page.getByRole("dialog", { name: "Access of From Afar" });
  await dialog.getByLabel("Last day").fill("2099-12-31");
  await dialog.getByRole("textbox", { name: "Networks and addresses" }).fill("203.0.113.0/24");
  await accessible("the access of a person");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await person.getByText("until 2099-12-31").waitFor();
  await person.getByText("from 203.0.113.0/24").waitFor();
  clean();
  await context.close();
});

test("360 wide, light and dark", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state, viewport: phone });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const path of ["/access", "/users", "/signin?refused=unknown"]) {
      await page.goto(`${demo.url}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (path === "/access") await page.getByRole("listitem", { name: "demo-ada" }).waitFor();
      await fits(page);
      await accessible(`${path}, 360 wide, ${colorScheme}`);
    }
  }
  clean();
  await context.close();
});

/** Goes to a control by Tab and presses Enter there. */
async function press(page, name) {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}
