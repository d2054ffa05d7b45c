// Signing in, looking as somebody else, being sent out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./lib/browser.mjs";
import { ask, startDemo } from "./lib/demo.mjs";

let demo;
let browser;
let analyst;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("the one-time link signs in once; its token leaves the address and the history", async () => {
  const { context, page, clean } = await visit(browser, demo);
  const posted = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/api/v1/session"));
  await page.goto(demo.sign_in_url);
  const token = new URL(demo.sign_in_url).hash.slice(1);
  assert.equal((await posted).postDataJSON().once, token);
  await page.getByRole("textbox", { name: "Paste a ticket link or an id" }).waitFor();
  assert.equal(page.url(), `${demo.url}/`);
  await page.goBack().catch(() => undefined);
  assert.ok(!page.url().includes(token), page.url());
  clean();
  analyst = await context.storageState();
  await context.close();
});

test("a used link says so and offers the form", async () => {
  const { context, page, accessible } = await visit(browser, demo);
  await page.goto(demo.sign_in_url);
  await page.getByRole("alert").waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await page.getByRole("textbox", { name: "Login" }).waitFor();
  await accessible("a used one-time link");
  await context.close();
});

test("a deep link survives signing in by password", async () => {
  const login = "deep.link@harbour.example";
  const password = "7-Quiet-otters-at-dawn";
  await ask(demo, "administrator", "/api/v1/users", { login, name: "Deep Link", roles: ["analyst"], password });
  const sample = demo.samples[0];
  const { context, page, clean, accessible } = await visit(browser, demo);
  await page.goto(`${demo.url}${sample.path}`);
  const dialog = page.getByRole("dialog", { name: "Sign in" });
  await dialog.waitFor();
  await accessible("sign-in over a page");
  await page.keyboard.type(login); // the first field has the focus
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).pathname, sample.path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  clean();
  await context.close();
});

test("a sign-in that ended opens over the page, and what was asked goes on after it", async () => {
  const login = "sent.out@harbour.example";
  const password = "9-Patient-herons-wading";
  const made = await ask(demo, "administrator", "/api/v1/users", {
    login,
    name: "Sent Out",
    roles: ["analyst"],
    password,
  });
  const { context, page, clean } = await visit(browser, demo);
  const fill = async (dialog) => {
    await dialog.getByLabel("Login").fill(login);
    await dialog.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
  };
  await page.goto(`${demo.url}/`);
  await fill(page.getByRole("dialog", { name: "Sign in" }));
  await ask(demo, "administrator", `/api/v1/users/${made.id}`, { status: "inactive" }, "PATCH");
  await ask(demo, "administrator", `/api/v1/users/${made.id}`, { status: "active" }, "PATCH");
  await page.waitForTimeout(1100); // every replica knows within a second
  await page
    .getByRole("textbox", { name: "Paste a ticket link or an id" })
    .fill(demo.samples[0].path.split("/").at(-1));
  await page.keyboard.press("Enter");
  const again = page.getByRole("dialog", { name: "Sign in again" });
  await again.waitFor();
  await fill(again);
  await page.waitForURL(`${demo.url}${demo.samples[0].path}`);
  clean();
  await context.close();
});

test("looking as the administrator shows what an administrator may do, and no content", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state: analyst });
  await page.goto(`${demo.url}/`);
  const pages = page.getByRole("navigation", { name: "Pages" });
  await page.getByRole("radio", { name: "Analyst" }).waitFor();
  assert.deepEqual(await pages.getByRole("link").allTextContents(), ["Audit"]);
  await page.getByRole("radio", { name: "Administrator" }).click();
  await page.getByRole("heading", { name: "You can look after links and people here" }).waitFor();
  assert.deepEqual(await pages.getByRole("link").allTextContents(), ["Links", "Users", "Access", "Audit"]);
  assert.equal(await page.getByRole("textbox").count(), 0);
  await accessible("the administrator's start page");
  await page.getByRole("radio", { name: "Analyst" }).click();
  await page.getByRole("textbox", { name: "Paste a ticket link or an id" }).waitFor();
  clean();
  await context.close();
});

test("looking as somebody else over a conversation takes it off the screen", async () => {
  const { context, page, clean } = await visit(browser, demo, { state: analyst });
  await page.goto(`${demo.url}${demo.samples[0].path}`);
  const subject = page.getByRole("heading", { level: 1 });
  const ref = demo.samples[0].path.split("/").slice(2).join(" ");
  await page.waitForFunction((r) => !["", r].includes(document.querySelector("h1")?.textContent ?? ""), ref);
  const words = await subject.textContent();
  await page.getByRole("radio", { name: "Administrator" }).click();
  await page.locator("[data-code=not_allowed]").waitFor();
  assert.equal(await page.getByText(words).count(), 0);
  clean();
  await context.close();
});

test("signing out leaves nothing on the page", async () => {
  const { context, page } = await visit(browser, demo);
  const login = "leaves@harbour.example";
  const password = "4-Lucid-badgers-humming";
  await ask(demo, "administrator", "/api/v1/users", { login, name: "Leaves", roles: ["analyst"], password });
  await page.goto(`${demo.url}/signin`);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Leaves: menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(`${demo.url}/signin`);
  const answer = await page.request.get(`${demo.url}/api/v1/session`);
  assert.equal(answer.status(), 401);
  await context.close();
});
