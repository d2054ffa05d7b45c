import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Profiler } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listenForShortcuts } from "../../components/shortcuts";
import { ConversationPage } from "./ConversationPage";
import { agent, customer, end, event, feed, header, linesOf, many, message } from "./fixtures";

const drawn = vi.hoisted(() => ({ messages: 0 }));
vi.mock("./Message", async (original) => {
  const { Message } = await original<typeof import("./Message")>();
  return {
    Message: (props: Parameters<typeof Message>[0]) => {
      drawn.messages++;
      return Message(props);
    },
  };
});

let stop: () => void;
beforeEach(() => {
  stop = listenForShortcuts();
});
afterEach(() => stop());

type Answer = ReturnType<typeof feed>["answer"];

function open(answers: Answer[], props: { message?: string } = {}) {
  const asked: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (path) => {
    asked.push(String(path));
    if (String(path).startsWith("/api/v1/audit")) return new Response(JSON.stringify({ items: [auditRow] }));
    return answers.shift() ?? new Response(null, { status: 500 });
  });
  let commits = 0;
  const page = (
    <QueryClientProvider client={new QueryClient()}>
      <Profiler id="page" onRender={() => commits++}>
        <ConversationPage link="zd" kind="ticket" id="5012" {...props} />
      </Profiler>
    </QueryClientProvider>
  );
  const view = render(page);
  return { ...view, asked, commits: () => commits };
}

const auditRow = {
  seq: 41,
  at: "2026-11-24T13:58:02.113Z",
  event: "opened",
  principal_kind: "user",
  principal: "ana",
  open: "01JOPEN",
  ref: { link: "zd", kind: "ticket", id: "5012" },
  hash: "9c1f",
};

const texts = () => screen.queryAllByRole("article").map((row) => row.textContent);
const whole = [
  header,
  customer,
  agent,
  message("331"),
  message("332", { author: { id: "4100" } }),
  event("e1", "2026-11-20T08:31:30Z"),
];

function streamed(parts: readonly unknown[]): Answer {
  const one = feed();
  one.send(linesOf(parts));
  one.close();
  return one.answer;
}

describe("ConversationPage", () => {
  it("shows parts as they arrive: a feed in order, and lines still to come", async () => {
    const one = feed();
    const { container } = open([one.answer]);
    expect(container.querySelectorAll("[aria-hidden] > span[style]")).toHaveLength(6);
    one.send(linesOf([header, customer, message("331")]));
    await screen.findByText("Text of 331");
    expect(container.querySelectorAll("[aria-hidden] > span[style]")).toHaveLength(5);
    expect(within(screen.getByRole("region", { name: "Receipt" })).getByText("live from Zendesk")).toBeTruthy();
    expect(screen.getByRole("article").getAttribute("aria-setsize")).toBe("-1");
    one.send(linesOf([...whole, end]));
    await screen.findByText("212 ms");
    expect(container.querySelectorAll("[aria-hidden] > span[style]")).toHaveLength(0);
    const rows = screen.getAllByRole("article");
    expect(rows.map((row) => row.dataset.key)).toEqual(["message::331", "event::e1", "message::332"]);
    expect(rows.map((row) => row.getAttribute("aria-posinset"))).toEqual(["1", "2", "3"]);
    expect(rows[0]?.getAttribute("aria-setsize")).toBe("3");
  });

  it("keeps content out of title and address", async () => {
    open([streamed([...whole, end])]);
    await screen.findByText("Parcel late");
    expect(document.title).toBe("zd ticket 5012 · Sightglass");
    expect(location.href).not.toContain("Parcel");
  });

  it("shows the facts of the ticket", async () => {
    open([streamed([...whole, end])]);
    const rail = await screen.findByRole("complementary", { name: "Facts" });
    await within(rail).findByText("vip");
    for (const words of ["solved", "email", "A-1", "bad", "Too slow.", "late_parcel"]) {
      expect(within(rail).getByText(words)).toBeTruthy();
    }
    const link = within(rail).getByRole("link", { name: "Open at Zendesk" });
    expect(link.getAttribute("href")).toBe("https://acme.zendesk.com/agent/tickets/5012");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("turns the badge into a receipt with the audit row word for word", async () => {
    const { asked } = open([streamed([...whole, end])]);
    const receipt = await screen.findByRole("region", { name: "Receipt" });
    await within(receipt).findByText("212 ms");
    expect(within(receipt).getByText("requests to Zendesk").nextSibling?.textContent).toBe("3");
    expect(asked.some((path) => path.includes("audit"))).toBe(false);
    await userEvent.click(within(receipt).getByRole("button", { name: /what we keep of this/ }));
    const row = await within(receipt).findByRole("listitem");
    expect(asked).toContain("/api/v1/audit?open=01JOPEN");
    for (const value of ["41", "2026-11-24T13:58:02.113Z", "opened", "ana", "9c1f"]) {
      expect(within(row).getByText(value)).toBeTruthy();
    }
  });

  it("shows where a stream was cut; trying again stays, merges and adds nothing twice", async () => {
    const one = feed();
    open([one.answer, streamed([...whole, end])]);
    one.send(linesOf([header, customer, message("331")]));
    await screen.findByText("Text of 331");
    one.cut();
    expect(await screen.findByText(/broke off before its end/)).toBeTruthy();
    expect(texts()).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByText("212 ms");
    expect(screen.queryByText(/broke off/)).toBeNull();
    expect(screen.getAllByText("Text of 331")).toHaveLength(1);
    expect(texts()).toHaveLength(3);
  });

  it.each([
    ["needs_reconnect", "account", 409],
    ["missing_scope", "account", 409],
    ["gone", "provider", 410],
    ["rate_limited", "provider", 429],
    ["provider_nonsense", "provider", 502],
    ["not_found", "request", 404],
    ["audit_unavailable", "gateway", 503],
  ])("shows %s before the first part as the gateway says it", async (code, fault, status) => {
    const body = {
      type: `/problems/${code}`,
      status,
      code,
      fault,
      title: `Title of ${code}`,
      action: "Do this.",
      request_id: "r1",
      retry_after: status === 429 ? 40 : undefined,
    };
    open([new Response(JSON.stringify(body), { status })]);
    const note = await screen.findByRole("region", { name: `Title of ${code}` });
    expect(note.dataset.fault).toBe(fault);
    expect(note.textContent).toContain("Do this.");
    expect(note.textContent).toContain("r1");
    if (status === 429) expect(within(note).getByRole("button", { name: /in 40 s/ })).toHaveProperty("disabled", true);
    expect(document.querySelectorAll("[aria-hidden] > span[style]")).toHaveLength(0);
  });

  it("marks the message of a deep link, and says so when it is not there", async () => {
    open([streamed([...whole, end])], { message: "332" });
    const mark = await screen.findByText("linked here");
    expect(mark.closest("article")?.dataset.key).toBe("message::332");
    expect(document.activeElement).toBe(mark.closest("article"));
  });

  it("says that the message of a deep link is not part of what arrived", async () => {
    open([streamed([...whole, end])], { message: "9" });
    expect(await screen.findByText("Message 9 is not part of what arrived.")).toBeTruthy();
  });

  it("searches by key, counts, goes from hit to hit and closes with Escape", async () => {
    open([streamed([...whole, message("340", { text: "Text again, text" }), end])]);
    await screen.findByText("212 ms");
    await userEvent.keyboard("/");
    const box = screen.getByRole("textbox", { name: "Search this thread" });
    await userEvent.type(box, "text");
    const count = document.querySelector("search output") as HTMLElement;
    await vi.waitFor(() => expect(count.textContent).toBe("– of 4"));
    await userEvent.keyboard("{Enter}{Enter}");
    expect(count.textContent).toBe("2 of 4");
    await userEvent.keyboard("{Shift>}{Enter}{/Shift}");
    expect(count.textContent).toBe("1 of 4");
    expect(location.href).not.toContain("text");
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("text");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("goes between messages by key, not stopping at events", async () => {
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600); // happy-dom lays nothing out
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(50);
    open([streamed([...whole, end])]);
    await screen.findByText("212 ms");
    const at = () => (document.activeElement as HTMLElement).dataset.key;
    await userEvent.keyboard("{Shift>}g{/Shift}");
    expect(at()).toBe("message::332");
    await userEvent.keyboard("g");
    expect(at()).toBe("message::331");
    await userEvent.keyboard("{ArrowDown}");
    expect(at()).toBe("message::332");
  });

  it("empties the pane when left and ends the request", async () => {
    const one = feed();
    const { unmount, container } = open([one.answer]);
    one.send(linesOf([header, customer, message("331")]));
    await screen.findByText("Text of 331");
    const signal = vi.mocked(fetch).mock.calls[0]?.[1]?.signal;
    unmount();
    expect(signal?.aborted).toBe(true);
    expect(container.textContent).toBe("");
    expect(document.body.textContent).not.toContain("Parcel");
  });

  it("empties itself before the browser may freeze the page", async () => {
    const { container } = open([streamed([...whole, end])]);
    await screen.findByText("212 ms");
    act(() => void window.dispatchEvent(new Event("pagehide")));
    expect(container.textContent).not.toContain("Text of 331");
    expect(container.textContent).not.toContain("Parcel");
  });

  it("draws 200 messages in 50 chunks little more than once each", async () => {
    const one = feed();
    const { commits, container } = open([one.answer]);
    drawn.messages = 0;
    const parts = [...many(200), end];
    for (let i = 0; i < parts.length; i += 4) one.send(linesOf(parts.slice(i, i + 4)));
    await vi.waitFor(() => expect(container.querySelectorAll("article[aria-setsize='200']")).toHaveLength(200));
    expect(drawn.messages).toBeLessThan(2 * 200 + 10);
    expect(commits()).toBeLessThan(40);
  });

  it("draws 1,200 parts in few commits, and only rows near the screen", async () => {
    const one = feed();
    const { commits, container } = open([one.answer]);
    const parts = many(1200);
    for (let i = 0; i < parts.length; i += 4) one.send(linesOf(parts.slice(i, i + 4)));
    one.send(linesOf([{ ...end, parts: 1203 }]));
    await screen.findByText("1203");
    expect(container.querySelectorAll("article").length).toBeLessThan(60);
    expect(commits()).toBeLessThan(60);
  });
});
