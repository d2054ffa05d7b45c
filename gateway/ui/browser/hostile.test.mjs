// Every payload of the gateway's corpus of hostile mail, in a real browser: as the page shows it, and, for
// the day the cleaning fails, raw in the document that formatted mail is written into.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, visit } from "./lib/browser.mjs";
import { reader, startServe } from "./lib/serve.mjs";

const corpus = JSON.parse(readFileSync(new URL("../../testdata/hostile_html.json", import.meta.url), "utf8"));
const perTicket = 100; // few enough that every message is drawn, see rows.ts
const tickets = Math.ceil(corpus.length / perTicket);
const lastWords = "end of the mail";

let gateway;
let browser;

before(async () => {
  assert.ok(corpus.length >= 223);
  gateway = await startServe(commentsOf);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

function commentsOf(ticket) {
  const from = (ticket - 1) * perTicket;
  return corpus.slice(from, from + perTicket).map((payload, n) => ({
    id: 1000 * ticket + n,
    type: "Comment",
    author_id: 801,
    public: true,
    body: "",
    // A table makes it formatted mail, for which there is a frame, whatever is left of the payload.
    html_body: `<table><tr><td>mail ${from + n}</td></tr></table><div>${payload}</div><p>${lastWords}</p>`,
    created_at: new Date(Date.UTC(2026, 1, 11, 8, 0, n)).toISOString(),
  }));
}

/** Lets nothing out, and notes what would have gone. */
async function fence(context) {
  const outside = [];
  await context.route(
    (url) => url.origin !== gateway.url && url.protocol.startsWith("http"),
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  context.on("page", (page) => {
    page.on("dialog", (dialog) => {
      outside.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  return outside;
}

test("as the page shows it: nothing runs, nothing is loaded, nothing goes anywhere", async () => {
  // So tall that several mails have their frames at once: they load while one of them is looked at.
  const { context, page, clean } = await visit(browser, gateway, { viewport: { width: 1440, height: 3000 } });
  const outside = await fence(context);
  const ours = /^\/(signin|frame|icon\.svg|assets\/|api\/v1\/(session|demo|audit|links)|i\/zd\/ticket\/\d+$|$)/;
  const asked = [];
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (!ours.test(pathname)) asked.push(pathname);
  });
  await page.goto(`${gateway.url}/signin`);
  await page.getByLabel("Login").fill(reader.login);
  await page.getByLabel("Password").fill(reader.password);
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Paste a ticket link or an id" }).waitFor();
  let framed = 0;
  for (let ticket = 1; ticket <= tickets; ticket++) {
    await page.goto(`${gateway.url}/i/zd/ticket/${ticket}`);
    await page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
    const messages = page.locator("article[data-type=message]");
    assert.equal(await messages.count(), commentsOf(ticket).length);
    const seen = await page.evaluate(lookAtEach);
    framed += seen.framed;
    assert.deepEqual(seen.found, []);
    assert.equal(new URL(page.url()).pathname, `/i/zd/ticket/${ticket}`);
    assert.equal(await page.evaluate(() => window.__xss), undefined);
  }
  assert.ok(framed > 223, `${framed} mails were in frames`);
  assert.deepEqual(outside, []);
  assert.deepEqual(asked, []);
  assert.equal(context.pages().length, 1, "no window was opened");
  clean();
  await context.close();
});

/** In the page: scrolls to each message and tells what in its frame could act. */
async function lookAtEach() {
  const active = "script, style, link, meta, base, iframe, object, embed, form, input, svg, math";
  const harmless = ["http:", "https:", "mailto:", "tel:"];
  const seen = { framed: 0, found: [] };
  for (const row of document.querySelectorAll("article[data-type=message]")) {
    row.scrollIntoView({ block: "center" });
    // Without this button it is not formatted: nothing of it is left but words.
    if (![...row.querySelectorAll("button")].some((button) => button.textContent === "Plain text")) continue;
    const frames = () => row.querySelector("iframe");
    for (let n = 1; n < 3000 && !frames()?.contentDocument?.querySelector("table"); n++) {
      if (n % 50 === 0) row.scrollIntoView({ block: "center" }); // frames above have grown and pushed it away
      await new Promise((next) => setTimeout(next, 10));
    }
    const frame = frames();
    const mail = frame?.contentDocument;
    if (!mail) {
      seen.found.push("it is not there");
      continue;
    }
    const all = [...mail.body.querySelectorAll("*")];
    seen.framed++;
    seen.found.push(
      ...(mail.querySelector("table") && frame.contentWindow.location.pathname === "/frame" ? [] : ["it left"]),
      ...(frame.contentWindow.__xss === undefined && window.__xss === undefined ? [] : ["it ran"]),
      ...all.filter((one) => one.matches(active)).map((one) => one.outerHTML),
      ...all.flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
      ...[...mail.links].map((link) => link.href).filter((href) => !harmless.includes(new URL(href).protocol)),
    );
  }
  return seen;
}

/** Writes payloads into frames, twenty at a time, and tells which of them ran or left. */
function pour(page, { src, sandbox, by }) {
  return page.evaluate(
    async ({ payloads, src, sandbox, by }) => {
      const told = { ran: [], left: [] };
      const one = async (payload) => {
        const frame = document.createElement("iframe");
        if (sandbox) frame.setAttribute("sandbox", sandbox);
        const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
        frame.src = src;
        document.body.append(frame);
        await loaded;
        const mail = frame.contentDocument;
        if (by === "write") {
          mail.open();
          mail.write(payload);
          mail.close();
        } else mail.body.innerHTML = payload;
        // Links that go somewhere are the page's to handle (MailFrame); those that run are for these walls.
        for (const link of mail.links) if (link.protocol === "javascript:") link.click();
        mail.querySelector("[onfocus]")?.focus?.();
        await new Promise((resolve) => setTimeout(resolve, 150)); // loads that fail, refreshes
        const inside = frame.contentDocument && frame.contentWindow;
        if (window.__xss !== undefined || inside?.__xss !== undefined) told.ran.push(payload);
        if (!inside) told.left.push(payload);
        window.__xss = undefined;
        frame.remove();
      };
      for (let n = 0; n < payloads.length; n += 20) await Promise.all(payloads.slice(n, n + 20).map(one));
      return told;
    },
    { payloads: corpus, src, sandbox, by },
  );
}

for (const by of ["innerHTML", "write"]) {
  test(`raw in the frame's document, by ${by}: sandbox and policy alone hold all of it`, async () => {
    const context = await browser.newContext();
    const outside = await fence(context);
    const page = await context.newPage();
    await page.goto(`${gateway.url}/signin`);
    const told = await pour(page, { src: "/frame", sandbox: "allow-same-origin", by });
    assert.deepEqual(told, { ran: [], left: [] });
    assert.deepEqual(outside, []);
    assert.equal(context.pages().length, 1);
    assert.equal(new URL(page.url()).pathname, "/signin");
    await context.close();
  });
}

test("without those walls the corpus does run and load: the tests above can fail", async () => {
  const context = await browser.newContext();
  const outside = await fence(context);
  const page = await context.newPage();
  // No document of the gateway's allows it: a page of the test's own, on an origin without a policy.
  await context.route("http://bare.invalid/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><body></body>" }),
  );
  await page.goto("http://bare.invalid/");
  const { ran } = await pour(page, { src: "/frame", by: "write" });
  assert.ok(ran.length > 60, `${ran.length} ran`);
  assert.ok(new Set(outside).size > 20, `${new Set(outside).size} addresses were asked`);
  await context.close();
});
