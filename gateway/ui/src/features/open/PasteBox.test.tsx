import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { fakeGateway, json, problem } from "../../testing/gateway";
import { show } from "../../testing/render";
import { PasteBox } from "./PasteBox";

const path = "POST /api/v1/resolve";
const one = { link: "zd", kind: "ticket", id: "5012" };
const two = { link: "zd-returns", kind: "ticket", id: "5012" };

async function paste(text: string) {
  const person = userEvent.setup();
  const shown = await show(<PasteBox place="page" />);
  const box = screen.getByRole("textbox");
  await person.click(box);
  await person.paste(text);
  await person.keyboard("{Enter}");
  return { ...shown, person, box };
}

test("one candidate: goes there, and notes that it was pasted in the entry, not in the address", async () => {
  const { sent } = fakeGateway({ [path]: json({ candidates: [one] }) });
  const { router } = await paste("  https://acme.zendesk.com/agent/tickets/5012?q=secret  ");
  await screen.findByTestId("elsewhere");
  expect(sent[0]?.body).toEqual({ text: "https://acme.zendesk.com/agent/tickets/5012?q=secret" });
  const { href, state } = router.state.location;
  expect(href).toBe("/i/zd/ticket/5012");
  expect((state as { reason?: string }).reason).toBe("pasted");
  expect(document.title).not.toContain("secret");
});

test("several candidates: asks which one", async () => {
  fakeGateway({ [path]: json({ candidates: [one, two] }) });
  const { router, person } = await paste("5012");
  expect(await screen.findByText("2 conversations fit. Which one?")).toBeTruthy();
  await person.click(screen.getByRole("button", { name: "zd-returns ticket 5012" }));
  await screen.findByTestId("elsewhere");
  expect(router.state.location.href).toBe("/i/zd-returns/ticket/5012");
});

test("not recognised: says why in place, keeps what was pasted, and forgets the answer with the next letter", async () => {
  fakeGateway({
    [path]: problem({
      status: 422,
      code: "not_recognised",
      fault: "request",
      title: "No linked account knows this",
      action: "Paste a ticket's address.",
    }),
  });
  const { router, person, box } = await paste("my shopping list");
  expect((await screen.findByRole("alert")).textContent).toBe(
    "No linked account knows this. Paste a ticket's address.",
  );
  expect((box as HTMLInputElement).value).toBe("my shopping list");
  expect(router.state.location.href).toBe("/");
  await person.type(box, "!");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("nothing pasted: nothing is asked", async () => {
  const { sent } = fakeGateway({ [path]: json({ candidates: [one] }) });
  await paste("   ");
  expect(sent).toHaveLength(0);
});

test("a newer question ends the older one", async () => {
  const aborted = vi.fn();
  fakeGateway({ [path]: () => new Promise<Response>(() => undefined) });
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (at: string, init: RequestInit) => {
    init.signal?.addEventListener("abort", aborted);
    return real(at, init);
  });
  const { person, box } = await paste("5012");
  await person.type(box, "3");
  expect(aborted).toHaveBeenCalledTimes(1);
});
