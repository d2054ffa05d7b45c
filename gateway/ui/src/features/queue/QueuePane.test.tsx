import { screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Schemas } from "../../api/problem";
import { fakeGateway, json, problem } from "../../testing/gateway";
import { show } from "../../testing/render";
import { QueuePane } from "./QueuePane";

const zendesk: Schemas["Link"] = {
  id: "zd",
  provider: "zendesk",
  provider_title: "Zendesk",
  title: "Zendesk (acme)",
  kinds: ["ticket"],
  state: "ok",
  provisioned: false,
  lists: true,
};

const filters: Schemas["Filters"] = {
  filters: [
    { name: "dates", by: "provider" },
    { name: "status", by: "provider" },
    { name: "channel", by: "here" },
  ],
  agents: [],
  groups: [],
  statuses: ["open", "solved"],
  channels: ["email"],
  csat: [],
  fields: [],
};

const ndjson = (...lines: object[]) =>
  new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), {
    headers: { "Content-Type": "application/x-ndjson" },
  });
const row = (id: string) => ({
  type: "row",
  ref: { link: "zd", kind: "ticket", id },
  status: "open",
  channel: "email",
});
const end = (more: object = {}) => ({ type: "end", scanned: 2, filtered_here: [], from: "", to: "", ...more });
const down = {
  status: 502,
  code: "provider_down",
  fault: "provider",
  title: "Zendesk does not answer",
  action: "Try again.",
  request_id: "r1",
};

const list = "GET /api/v1/links/zd/interactions?limit=100";

async function pane(replies: Parameters<typeof fakeGateway>[0], search: Record<string, string> = { list: "zd" }) {
  const gateway = fakeGateway({ "GET /api/v1/links/zd/filters": json(filters), ...replies });
  const does = { onOpen: vi.fn(), onSearch: vi.fn(), onClose: vi.fn() };
  await show(
    <QueuePane
      links={[zendesk]}
      search={search}
      open={undefined}
      hrefOf={(r) => `/i/zd/ticket/${r.ref.id}`}
      {...does}
    />,
  );
  return { ...gateway, ...does, user: userEvent.setup() };
}

test("a list that does not begin says why, and tries again", async () => {
  const { user } = await pane({
    [list]: [problem({ ...down, fault: "provider", code: "provider_down" }), ndjson(row("1"), end())],
  });
  await screen.findByText("Zendesk does not answer.");
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("link", { name: /1/ });
  expect(screen.queryByText("Zendesk does not answer.")).toBeNull();
});

test("what came before a problem stays, and reading goes on behind it", async () => {
  const next = `${list}&cursor=c1.x`;
  const { user } = await pane({
    [list]: ndjson(row("1"), row("2"), end({ next: "c1.x" })),
    [next]: [ndjson(row("3"), { type: "problem", ...down }), ndjson(row("3"), row("4"), end())],
  });
  await user.click(await screen.findByRole("button", { name: "Show more" }));
  await screen.findByText("Zendesk does not answer.");
  expect(screen.getAllByRole("link")).toHaveLength(3);
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await vi.waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(4));
});

test("each filter says who applies it, and what is filtered here how much was read", async () => {
  const { onSearch, user } = await pane(
    {
      "GET /api/v1/links/zd/interactions?channel=email&limit=100&status=open": ndjson(
        row("1"),
        { type: "progress", scanned: 40, of: 90 },
        end({ scanned: 40, next: "c1.y" }),
      ),
    },
    { list: "zd", status: "open", channel: "email" },
  );
  const chips = within(await screen.findByRole("list", { name: "Filters" }));
  await chips.findByText("filtered here, 40 of 90 read");
  expect(chips.getAllByText("Zendesk filters")).toHaveLength(2);
  await user.click(chips.getByRole("button", { name: "Remove the filter Status: open" }));
  expect(onSearch).toHaveBeenCalledWith({ list: "zd", channel: "email" });
});

test("opening says which row, and that it came from the list; the row says so at once", async () => {
  const { onOpen, user, sent } = await pane({ [list]: ndjson(row("1"), row("2"), end()) });
  const link = await screen.findByRole("link", { name: /2/ });
  expect(link.getAttribute("href")).toBe("/i/zd/ticket/2");
  await user.click(link);
  expect(onOpen).toHaveBeenCalledWith(
    expect.objectContaining({ ref: { link: "zd", kind: "ticket", id: "2" } }),
    "list",
  );
  await screen.findByText(/^you \d/);
  expect(sent.filter(({ path }) => path.includes("/ticket/"))).toEqual([]);
});
