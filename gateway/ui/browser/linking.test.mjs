// From a clean start an administrator links an account, knowing only its subdomain: at most 18 clicks and 6
// typed fields, nothing typed twice. The test counts; what it pastes is counted as typed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signIn, visit } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";

const most = { clicks: 18, fields: 6 };

let demo;
let browser;
let state;

before(async () => {
  [demo, browser] = await Promise.all([startDemo("--unlinked"), launch()]);
  const { context, page } = await visit(browser, demo, { state: await signIn(browser, demo) });
  await page.goto(`${demo.url}/`);
  await page.getByRole("radio", { name: "Administrator" }).click();
  await page.getByRole("link", { name: "Links", exact: true }).waitFor();
  state = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Hands that count what they do. */
function hands() {
  const typed = [];
  let clicks = 0;
  return {
    click: async (what) => {
      clicks++;
      await what.click();
    },
    /** Goes into a field, which is a click, and types. */
    type: async (field, text) => {
      clicks++;
      await field.click();
      await field.page().keyboard.type(text);
      typed.push(text);
    },
    /** The same with what was copied before. */
    paste: async (field) => {
      clicks++;
      await field.click();
      await field.page().keyboard.press("ControlOrMeta+V");
      const text = await field.inputValue();
      assert.ok(text, "something was pasted");
      typed.push(text);
    },
    /** Picks up another tab of the browser. */
    turnTo: async (page) => {
      clicks++;
      await page.bringToFront();
    },
    count: () => ({ clicks, typed }),
  };
}

test("an account is linked from a clean start, in few clicks, with nothing typed twice", async (t) => {
  const { context, page, accessible } = await visit(browser, demo, {
    state,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const hand = hands();
  await page.goto(`${demo.url}/`);
  await hand.click(page.getByRole("link", { name: "Links", exact: true }));
  await page.getByText("No account is linked yet.").waitFor();
  await hand.click(page.getByRole("link", { name: "Add a link" }));
  await page.getByLabel("Subdomain", { exact: true }).waitFor();
  const providers = page.getByLabel("Provider", { exact: true });
  if (await providers.count()) await hand.click(providers); // Zendesk stands first: a look, no choice
  await page.keyboard.press("Escape");
  await hand.type(page.getByLabel("Subdomain", { exact: true }), "acme");
  await accessible("the form of a link, half filled in");

  await hand.click(page.getByRole("button", { name: "Copy Redirect URLs" }));
  const [there] = await Promise.all([
    context.waitForEvent("page"),
    hand.click(page.getByRole("link", { name: "Open that screen at Zendesk" })),
  ]);
  await hand.click(there.getByRole("link", { name: "Add OAuth client" }));
  await hand.paste(there.getByLabel("Redirect URLs"));
  await hand.type(there.getByLabel("Client name"), "Sightglass");
  await hand.type(there.getByLabel("Identifier"), "sightglass");
  await hand.click(there.getByRole("button", { name: "Save" }));
  await hand.click(there.locator("#secret")); // selects it whole
  await there.keyboard.press("ControlOrMeta+C");
  await hand.turnTo(page);
  assert.equal(
    await page.getByRole("textbox", { name: "Client id" }).inputValue(),
    "sightglass",
    "the proposed id need not be typed",
  );
  assert.equal(await page.getByRole("textbox", { name: "Short name" }).inputValue(), "zendesk");
  await hand.paste(page.getByRole("textbox", { name: /^Client secret/ }));
  await hand.click(page.getByRole("button", { name: "Save and go to Zendesk" }));
  await page.waitForURL(/oauth\/authorizations\/new/);
  await hand.click(page.getByRole("button", { name: "Allow" }));
  await page.waitForURL((url) => url.pathname === "/links/zendesk");

  await page.getByText(/All \d+ checks passed/).waitFor(); // by itself: no click
  await page.getByText("Works.").waitFor();
  for (const check of ["token", "clock", "tickets", "audits", "search", "recording", "rate"]) {
    await page
      .locator("li[data-ok=true]")
      .filter({ has: page.getByText(check, { exact: true }) })
      .waitFor();
  }
  const { clicks, typed } = hand.count();
  t.diagnostic(`${clicks} clicks, ${typed.length} typed fields`);
  assert.ok(clicks <= most.clicks, `${clicks} clicks, want ${most.clicks} at most`);
  assert.ok(typed.length <= most.fields, `${typed.length} typed fields, want ${most.fields} at most`);
  assert.equal(new Set(typed).size, typed.length, "nothing is typed twice");
  await context.close();
});

test("how the link is: scopes, token and allowance; and a page to copy for its owner", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, {
    state,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.goto(`${demo.url}/links`);
  await page.getByText("How it is").click();
  await page.getByText("Permissions granted").waitFor();
  await page.getByText(/of \d+ requests of this window/).waitFor();
  await page.getByRole("button", { name: "Copy for your Zendesk owner" }).click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  for (const word of ["read: ", "acme.zendesk.com", "a day", "What is kept", "How to end it"]) {
    assert.ok(text.includes(word), `${word} in: ${text}`);
  }
  assert.doesNotMatch(text, /[{}]/, "nothing is left to be filled in");
  await accessible("how a link is");
  clean();
  await context.close();
});

test("what is wrong with a link is said on its page, in its own words, and mended there", async () => {
  const { context, page, clean, accessible } = await visit(browser, demo, { state });
  await page.goto(`${demo.url}/links/zendesk?problem=needs_reconnect&why=secret_wrong`);
  assert.match(await page.getByRole("alert").textContent(), /does not accept the client secret/);
  await page.getByRole("button", { name: /^Change / }).click();
  const dialog = page.getByRole("dialog", { name: /^Change / });
  await dialog.getByLabel("Subdomain").fill("Not one!");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText(/does not look right/).waitFor();
  await accessible("a link that is changed wrongly");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.goto(`${demo.url}/links/zendesk?problem=bad_request&why=%3Cscript%3E`);
  await page.getByRole("alert").waitFor();
  clean();
  await context.close();
});
