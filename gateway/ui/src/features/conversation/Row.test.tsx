import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { agent, customer, event, message } from "./fixtures";
import type { ContentPart, MessagePart } from "./parts";
import { Row } from "./Row";
import { ThreadContext, type ThreadTools } from "./ThreadContext";
import { emptyThread, merge, personOf } from "./thread";
import { clock } from "./times";

function show(part: ContentPart, tools: Partial<ThreadTools> = {}) {
  const thread = merge(emptyThread, [customer, agent, part]);
  const entry = thread.entries[0];
  if (!entry) throw new Error(`no row for ${JSON.stringify(part)}`);
  const who =
    entry.part.type === "message" ? entry.part.author : entry.part.type === "event" ? entry.part.actor : undefined;
  const given: ThreadTools = {
    clock: clock("en-GB", "UTC"),
    provider: "Zendesk",
    handles: new Map(),
    memory: new Map(),
    renew: vi.fn(),
    copyLink: vi.fn(async () => true),
    framed: vi.fn(),
    ...tools,
  };
  render(
    <ThreadContext value={given}>
      <Row
        entry={entry}
        index={0}
        count={1}
        newDay={false}
        person={personOf(thread, who)}
        lines={entry.part.type === "recording" ? lines : undefined}
        people={thread.people}
        current
        linked={false}
        whole={false}
        attach={() => undefined}
      />
    </ThreadContext>,
  );
  return { row: screen.getByRole("article"), tools: given };
}

const lines = ["Thanks for calling.", "Where is it?", "One moment.", "Still there?", "Yes.", "Good."].map(
  (text, i) => ({
    type: "transcript" as const,
    recording: "171",
    from: i * 10 + 1.4,
    speaker: { id: i % 2 ? "801" : "4100" },
    text,
  }),
);

const file = (more: object) => ({
  id: "71",
  name: "a.png",
  media_type: "image/png",
  size: 15156,
  state: "ok" as const,
  ...more,
});

describe("a message", () => {
  it("says who, in which role, when and by which way", () => {
    const { row } = show(message("5", { via: "web_form", link: "td" }));
    expect(within(row).getByText("Pauline")).toBeTruthy();
    for (const word of ["customer", "via web form", "from td", "08:05", "Text of 5"]) {
      expect(within(row).getByText(word)).toBeTruthy();
    }
    expect(row.querySelector("time")?.title).toContain("2026-11-20 08:05:00 UTC");
    expect(row.querySelector("[data-kind]")?.getAttribute("data-kind")).toBe("customer");
  });

  it.each<[string, Partial<MessagePart>, string]>([
    ["an agent's", { author: { id: "4100" } }, "agent"],
    ["a bot's", { author: { id: null, name: "Helper", role: "bot" } }, "bot"],
    ["an unknown author's", { author: null }, "unknown"],
    ["an internal note", { author: { id: "4100" }, visibility: "internal" }, "internal"],
  ])("marks %s", (_, more, kind) => {
    const { row } = show(message("5", more));
    expect(row.querySelector("[data-kind]")?.getAttribute("data-kind")).toBe(kind);
    if (kind === "internal") expect(within(row).getByText("internal note")).toBeTruthy();
    if (kind === "unknown") expect(within(row).getByText("Unknown author")).toBeTruthy();
  });

  it("puts every doubt of the provider into words", () => {
    const { row } = show(
      message("5", {
        warnings: ["maybe_spoofed", "on_behalf", "not_participant", "auto_generated"],
        redacted: true,
        truncated: true,
        remote_images: 2,
      }),
    );
    for (const words of [
      /May be spoofed: Zendesk/,
      /on behalf/,
      /not part of the conversation/,
      /automatically/,
      /^Redacted at Zendesk/,
      /longer than can be shown/,
    ]) {
      expect(within(row).getByText(words)).toBeTruthy();
    }
    expect(within(row).getByText("2 remote images not loaded")).toBeTruthy();
  });

  it("links addresses in plain text, without opener and referrer", () => {
    const { row } = show(message("5", { text: "see https://a.example/x, مرحبا" }));
    const link = within(row).getByRole("link");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
    expect(row.querySelector("[dir=auto]")?.textContent).toBe("see https://a.example/x, مرحبا");
  });

  it("shows simple mail without a frame, and rich mail as plain text when asked", async () => {
    const { row } = show(message("5", { html: "<p>Where <em>is</em> it?</p>" }));
    expect(row.querySelector("em")?.textContent).toBe("is");
    expect(within(row).queryByRole("button", { name: "Plain text" })).toBeNull();
  });

  it("toggles rich mail between its formatted and its plain form", async () => {
    const { row } = show(message("5", { html: '<p style="color:red">Formatted</p>', text: "The plain words" }));
    expect(within(row).queryByText("The plain words")).toBeNull();
    await userEvent.click(within(row).getByRole("button", { name: "Plain text" }));
    expect(within(row).getByText("The plain words")).toBeTruthy();
    await userEvent.click(within(row).getByRole("button", { name: "Formatted" }));
    expect(within(row).queryByText("The plain words")).toBeNull();
  });

  it("draws the beginning of a very long text, and the rest on demand", async () => {
    const { row } = show(message("5", { text: `${"word ".repeat(20_000)}the end` }));
    expect(row.textContent).not.toContain("the end");
    await userEvent.click(within(row).getByRole("button", { name: /Show all/ }));
    expect(row.textContent).toContain("the end");
  });

  it("copies a link to itself and says so", async () => {
    const { row, tools } = show(message("331"));
    await userEvent.click(within(row).getByRole("button", { name: "Copy link" }));
    expect(tools.copyLink).toHaveBeenCalledWith("331");
    expect(await within(row).findByText("Link copied")).toBeTruthy();
  });
});

describe("the files of a message", () => {
  it("loads a picture only when it is asked for", async () => {
    const { row } = show(message("5", { attachments: [file({ scan: "clean", handle: "h1.a" })] }));
    expect(within(row).getByText("image/png · 15 KB · scanned, clean")).toBeTruthy();
    expect(row.querySelector("img")).toBeNull();
    await userEvent.click(within(row).getByRole("button", { name: "a.png" }));
    expect(row.querySelector("img")?.getAttribute("src")).toBe("/api/v1/media/h1.a");
    expect(within(row).getByRole("img", { name: "a.png" })).toBeTruthy();
  });

  it("opens other files in a new tab by their handle, the freshest one", () => {
    const pdf = file({ name: "b.pdf", media_type: "application/pdf", handle: "h1.old" });
    const { row } = show(message("5", { attachments: [pdf] }), { handles: new Map([["message::5/71", "h1.new"]]) });
    const link = within(row).getByRole("link", { name: "b.pdf" });
    expect(link.getAttribute("href")).toBe("/api/v1/media/h1.new");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("renews an expired handle unseen, once, and asks why when a picture does not load", async () => {
    const answers = [410, 410].map(
      (status) =>
        new Response(
          JSON.stringify({
            status,
            code: "handle_expired",
            fault: "request",
            title: "Too old",
            action: "Open it again.",
          }),
          { status },
        ),
    );
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => answers.shift() ?? Response.error());
    const { row, tools } = show(message("5", { attachments: [file({ handle: "h1.a" })] }));
    await userEvent.click(within(row).getByRole("button", { name: "a.png" }));
    fireEvent.error(within(row).getByRole("img", { name: "a.png" }));
    await vi.waitFor(() => expect(tools.renew).toHaveBeenCalledTimes(1));
    expect(within(row).queryByRole("region")).toBeNull();
    expect(fetched.mock.calls[0]?.[0]).toBe("/api/v1/media/h1.a");
    fireEvent.error(within(row).getByRole("img", { name: "a.png" }));
    expect(await within(row).findByRole("region", { name: "Too old" })).toBeTruthy();
    expect(tools.renew).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["blocked", /blocked by Zendesk: malware found/],
    ["deleted", /deleted at Zendesk/],
    ["redacted", /redacted at Zendesk/],
  ] as const)("says that a file is %s and offers nothing", (state, words) => {
    const { row } = show(message("5", { attachments: [file({ state })] }));
    expect(within(row).getByText(words)).toBeTruthy();
    expect(row.querySelector("[data-action=open]")).toBeNull();
  });

  it("never shows an SVG in place", () => {
    const { row } = show(message("5", { attachments: [file({ media_type: "image/svg+xml", handle: "h" })] }));
    expect(row.querySelector("a[data-action=open]")).not.toBeNull();
  });

  it("folds forty files and unfolds them", async () => {
    const files = Array.from({ length: 40 }, (_, i) =>
      file({ id: String(i), name: `f${i}.pdf`, media_type: "application/pdf", handle: `h${i}` }),
    );
    const { row } = show(message("5", { attachments: files }));
    expect(within(row).getAllByRole("listitem")).toHaveLength(6);
    await userEvent.click(within(row).getByRole("button", { name: "Show all 40 files" }));
    expect(within(row).getAllByRole("listitem")).toHaveLength(40);
  });
});

describe("other parts", () => {
  it("shows an event in one line, with seconds and who did it", () => {
    const { row } = show(event("900:3", "2026-11-20T14:02:31Z"));
    expect(row.textContent).toBe("14:02:31transferFrontline → BillingRin");
  });

  it("shows an event that no connector knows by its own name", () => {
    const { row } = show(
      event("1", "2026-11-20T14:02:31Z", { event: "other", native: "AgentMacroReference", text: "Close" }),
    );
    expect(row.textContent).toContain("AgentMacroReferenceClose");
  });

  it("shows a part of an unknown type", () => {
    const { row } = show({
      type: "other",
      native: "sentiment_score",
      id: "s1",
      at: "2026-11-20T14:02:31Z",
      text: "calm",
    });
    expect(row.textContent).toBe("14:02:31sentiment scorecalm");
  });

  it("says why something is missing", () => {
    const { row } = show({
      type: "missing",
      what: "transcript",
      reason: "not_licensed",
      say: "Talkdesk has no transcripts here.",
    });
    expect(row.textContent).toContain("No transcript");
    expect(row.textContent).toContain("Talkdesk has no transcripts here.");
  });

  it("shows a recording as a strip with its transcript, and loads nothing by itself", async () => {
    const { row } = show({
      type: "recording",
      id: "171",
      at: "2026-11-20T14:02:31Z",
      seconds: 61,
      handle: "h1.r",
      channels: [{ side: "left", role: "agent" }],
      pauses: [{ from: 20.5, to: 31 }],
      completeness: "unknown",
    });
    expect(within(row).getByRole("button", { name: /^Play the recording of/ })).toBeTruthy();
    expect(row.querySelector("audio")).toBeNull();
    expect(within(row).getByText("1:01 · left agent · not recorded 0:20–0:31 · may be incomplete")).toBeTruthy();
    expect(within(row).getAllByRole("listitem")).toHaveLength(4);
    expect(within(row).getAllByText("Pauline").length).toBeGreaterThan(0);
    await userEvent.click(within(row).getByRole("button", { name: "Show all 6 transcript lines" }));
    expect(within(row).getByText("Good.")).toBeTruthy();
  });

  it("says that the audio of a recording cannot be had", () => {
    const { row } = show({ type: "recording", id: "171", voicemail: true });
    expect(within(row).getByText("Voicemail")).toBeTruthy();
    expect(within(row).getByText("The audio cannot be had.")).toBeTruthy();
    expect(within(row).queryByRole("button", { name: /^Play/ })).toBeNull();
  });
});
