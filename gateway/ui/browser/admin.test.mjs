// What administrators do: links and their self-test, users, the audit log.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fits, launch, phone, picture, signIn, tabTo, visit } from "./lib/browser.mjs";
import { ask, startDemo } from "./lib/demo.mjs";

let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  const { context, page } = await visit(browser, demo, { state: await signIn(browser, demo) });
  await page.goto(`${demo.url}/`);
  await page.getByRole("radio", { name: "Administrator" }).click();
  await page.getByRole("link", { name: "Users" }).waitFor();
  state = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("the self-test says what was checked, in words", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links`);
  const link = page.getByRole("listitem").filter({ has: page.getByText("zd", { exact: true }) });
  await link.getByText("Works.").waitFor();
  await link.getByRole("button", { name: /^Test / }).click();
  await link.getByRole("status").waitFor();
  assert.ok(
    (await link
      .getByRole("region", { name: /^Test of / })
      .getByRole("listitem")
      .count()) > 1,
  );
  assert.match(await link.getByRole("status").textContent(), /checks passed/);
  await picture(page, "self-test", 540);
  await accessible("links with a test");
  clean();
  await context.close();
});

test("a link revoked at the provider says so, and can be reconnected there", async () => {
  await ask(demo, "administrator", "/api/v1/demo/break", { id: "revoke" });
  const { context, page, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links`);
  await page.getByRole("button", { name: /^Test Zendesk/ }).click();
  await page.getByText("Must be connected again.").waitFor();
  await accessible("a link that needs its administrator");
  await ask(demo, "administrator", "/api/v1/demo/break", { id: "revoke", undo: true });
  await page.reload();
  await page.getByText("Works.").nth(1).waitFor(); // both accounts of the demo
  await context.close();
});

for (const [press, told] of [
  ["Allow", /checks passed/],
  ["Deny", /Access was not allowed on Zendesk.s page/],
]) {
  test(`reconnecting at the provider and pressing ${press} there comes back to the link`, async () => {
    const { context, page } = await visit(browser, demo, { state });
    await page.goto(`${demo.url}/links`);
    await page.getByRole("button", { name: /^Reconnect Zendesk/ }).click();
    await page.waitForURL(/oauth\/authorizations\/new/);
    await page.getByRole("button", { name: press }).click();
    await page.waitForURL((url) => url.pathname === "/links/zd");
    await page.getByText(told).waitFor();
    await page.goBack().catch(() => undefined);
    assert.ok(!page.url().includes("code="), "the code is in no entry of the history");
    await context.close();
  });
}

test("what the address says of a failure is put into words we know: the page one comes back to says what happened", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links/zd?problem=missing_scope`);
  assert.match(await page.getByRole("alert").textContent(), /granted less than was asked for/);
  await page.goto(`${demo.url}/links/zd?problem=%3Cscript%3E`);
  assert.match(await page.getByRole("alert").textContent(), /Linking did not finish/);
  clean();
  await context.close();
});

test("coming back from the provider runs the test", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links/zd`);
  await page.getByRole("region", { name: /^Test of / }).waitFor();
  clean();
  await context.close();
});

test("a link is added from the provider's own form, paused, resumed and unlinked", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links`);
  await page.getByRole("link", { name: "Add a link" }).click();
  await page.getByRole("button", { name: /^Save/ }).click();
  const subdomain = page.getByLabel("Subdomain", { exact: true });
  assert.equal(await subdomain.getAttribute("aria-invalid"), "true");
  await page.waitForFunction((id) => document.activeElement?.id === id, await subdomain.getAttribute("id")); // the first mistake
  await accessible("a form with mistakes");
  const redirect = await page.locator("code", { hasText: `${demo.url}/oauth/callback` }).count();
  assert.equal(redirect, 1, "the exact redirect URL is there to be copied");
  await subdomain.fill("acme");
  await page.getByLabel("Short name").fill("second");
  await page.getByRole("radio", { name: "A token" }).check();
  await page.getByRole("textbox", { name: "Token" }).fill("made-up-token");
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.waitForURL(`${demo.url}/links/second`);
  const link = page.getByRole("listitem").filter({ has: page.getByText("second", { exact: true }) });
  await link.getByRole("button", { name: /^Pause / }).click();
  await link.getByText("Paused: nobody can open anything through it.").waitFor();
  await link.getByRole("button", { name: /^Resume / }).click();
  await link.getByRole("button", { name: /^Pause / }).waitFor();
  await link.getByRole("button", { name: /^Unlink / }).click();
  const dialog = page.getByRole("dialog", { name: /^Unlink / });
  await dialog.waitFor();
  await accessible("asking before unlinking");
  await dialog.getByRole("button", { name: "Unlink it" }).click();
  await link.waitFor({ state: "detached" });
  clean();
  await context.close();
});

test("a user is added, given a role, deactivated and activated", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/users`);
  await page.getByRole("button", { name: "Add a user" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a user" });
  await page.keyboard.type("new.person@harbour.example"); // the first field has the focus
  await dialog.getByLabel("Name").fill("New Person");
  await dialog.getByLabel("Password").fill("short");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  assert.equal(await dialog.getByLabel("Password").getAttribute("aria-invalid"), "true");
  await accessible("a password that is too weak");
  await dialog.getByLabel("Password").fill("11-Slow-kettles-singing");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const person = page.getByRole("listitem", { name: "New Person" });
  await person.getByRole("checkbox", { name: "Team leader" }).click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("li")].some(
      (li) => li.getAttribute("aria-label") === "New Person" && li.querySelectorAll("input:checked").length === 2,
    ),
  );
  await person.getByRole("button", { name: "Deactivate New Person" }).click();
  await person.getByText("deactivated").waitFor();
  await person.getByRole("button", { name: "Activate New Person" }).click();
  await person.getByText("deactivated").waitFor({ state: "detached" });
  await accessible("users");
  clean();
  await context.close();
});

test("without a pointer: a link is added, paused, resumed and unlinked", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links`);
  await page.getByRole("link", { name: "Add a link" }).waitFor();
  await press(page, "Add a link");
  await page.getByLabel("Subdomain", { exact: true }).waitFor();
  await tabTo(page, /^Subdomain/);
  await page.keyboard.type("acme");
  const token = page.getByRole("radio", { name: "A token" });
  await page.getByRole("radio", { checked: true }).first().waitFor();
  while (!(await page.evaluate(() => document.activeElement?.type === "radio"))) await page.keyboard.press("Tab");
  for (let n = 0; n < 5 && !(await token.isChecked()); n++) await page.keyboard.press("ArrowDown");
  assert.ok(await token.isChecked(), "arrow keys reach a token");
  await tabTo(page, /^Token/);
  await page.keyboard.type("made-up-token");
  await tabTo(page, /^Short name/);
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("third");
  await press(page, "Save and test");
  await page.waitForURL(`${demo.url}/links/third`);
  const link = page.getByRole("listitem").filter({ has: page.getByText("third", { exact: true }) });
  await link.getByRole("button", { name: /^Pause / }).waitFor();
  await press(page, /^Pause /, "third");
  await link.getByText("Paused: nobody can open anything through it.").waitFor();
  await press(page, /^Resume /, "third");
  await link.getByRole("button", { name: /^Pause / }).waitFor();
  await press(page, /^Unlink /, "third");
  await page.getByRole("dialog", { name: /^Unlink / }).waitFor();
  await press(page, "Unlink it");
  await link.waitFor({ state: "detached" });
  clean();
  await context.close();
});

test("without a pointer: a user is added and deactivated", async () => {
  const { context, page, clean } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/users`);
  await page.getByRole("button", { name: "Add a user" }).waitFor();
  await press(page, "Add a user");
  await page.getByRole("dialog", { name: "Add a user" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.matches("[role=dialog] input, dialog input"));
  await page.keyboard.type("by.key@harbour.example");
  await tabTo(page, /^Name/);
  await page.keyboard.type("By Key");
  await tabTo(page, /^Password/);
  await page.keyboard.type("11-Slow-kettles-singing");
  await page.keyboard.press("Enter");
  const person = page.getByRole("listitem", { name: "By Key" });
  await person.waitFor();
  await press(page, "Deactivate By Key");
  await person.getByText("deactivated").waitFor();
  clean();
  await context.close();
});

/** Goes to a control by Tab and presses Enter there. */
async function press(page, name, words) {
  await tabTo(page, name, words);
  await page.keyboard.press("Enter");
}

test("the audit log shows who opened what, and holds no content", async () => {
  const sample = demo.samples[0];
  const [, , link, kind, id] = sample.path.split("/");
  const opened = await fetch(`${demo.url}/api/v1/links/${link}/interactions/${kind}/${id}`, {
    headers: { Authorization: `Bearer ${demo.api_keys.analyst}` },
  });
  const header = JSON.parse((await opened.text()).split("\n")[0]);
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/audit`);
  const row = page.getByRole("row").filter({ hasText: `${link} ${kind} ${id}` });
  await row.first().waitFor();
  assert.ok(!(await page.getByRole("table").textContent()).includes(header.subject));
  await accessible("audit");
  await page.goto(`${demo.url}/audit?open=${header.open}`);
  await row.first().waitFor();
  assert.equal(await row.count(), 2, "opened and closed");
  clean();
  await context.close();
});

test("360 wide: links, users and the form lose nothing", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state, viewport: phone });
  for (const path of ["/links", "/links/new", "/users", "/audit"]) {
    await page.goto(`${demo.url}${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForTimeout(300);
    await fits(page);
    await accessible(`${path}, 360 wide`);
  }
  clean();
  await context.close();
});
