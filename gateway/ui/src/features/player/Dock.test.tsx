import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Call, useOffer } from "../../components/listening";
import { listenForShortcuts } from "../../components/shortcuts";
import { fakeGateway, problem } from "../../testing/gateway";
import { show } from "../../testing/render";
import { Dock } from "./Dock";
import { PlayerProvider } from "./PlayerProvider";

let stop: () => void;
beforeEach(() => {
  stop = listenForShortcuts();
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, "load").mockReturnValue();
});
afterEach(() => {
  stop();
  localStorage.clear();
});

const base: Call = {
  ...{
    key: "recording::171",
    id: "171",
    time: Date.UTC(2026, 10, 20, 14, 2),
    seconds: 361,
    handle: "h1.171",
    open: "o1",
  },
  ...{ voicemail: false, channels: [], pauses: [], holds: [], lines: [], transcript: false, drawn: true },
};

function Thread({ calls }: { calls: readonly Call[] }) {
  useOffer(calls, nothing);
  return null;
}
const nothing = () => undefined;

async function dock(calls: readonly Call[], start = { recording: undefined as string | undefined, seconds: 0 }) {
  await show(
    <PlayerProvider start={start}>
      <Thread calls={calls} />
      <Dock link="zd" kind="ticket" id="5012" />
    </PlayerProvider>,
  );
  return screen.queryByRole("region", { name: "Player" });
}

const position = () => screen.getByRole("slider", { name: "Position in the recording" });
const press = (key: string, more = {}) => fireEvent.keyDown(document.body, { key, ...more });

test("without a call there is no dock", async () => {
  expect(await dock([])).toBeNull();
});

test("a deep link's second is shown and nothing is loaded", async () => {
  await dock([base], { recording: "171", seconds: 93 });
  expect(position().getAttribute("aria-valuetext")).toBe("1:33 of 6:01");
  expect(document.querySelector("audio")?.getAttribute("src")).toBeNull();
  expect(document.querySelector("audio")?.preload).toBe("none");
});

test("the keys move, and the lanes are a slider", async () => {
  await dock([base]);
  for (const [key, shiftKey, want] of [
    ["l", false, "0:05"],
    ["L", true, "0:35"],
    ["j", false, "0:30"],
    ["J", true, "0:00"],
  ] as const) {
    press(key, { shiftKey });
    expect(position().getAttribute("aria-valuetext")).toBe(`${want} of 6:01`);
  }
  fireEvent.keyDown(position(), { key: "PageUp" });
  fireEvent.keyDown(position(), { key: "ArrowRight" });
  expect(position().getAttribute("aria-valuenow")).toBe("35");
  fireEvent.keyDown(position(), { key: "End" });
  expect(position().getAttribute("aria-valuenow")).toBe("360");
  fireEvent.keyDown(position(), { key: "Home" });
  expect(position().getAttribute("aria-valuenow")).toBe("0");
});

test("Space plays, and presses a button that has the focus", async () => {
  await dock([base]);
  press(" ");
  expect(document.querySelector("audio")?.getAttribute("src")).toBe("/api/v1/media/h1.171");
  expect(HTMLMediaElement.prototype.play).toHaveBeenCalledTimes(1);
  fireEvent.keyDown(screen.getByRole("button", { name: "Forward 5 seconds" }), { key: " " });
  expect(HTMLMediaElement.prototype.play).toHaveBeenCalledTimes(1);
});

test("speed by key and by menu, loop by key and by button", async () => {
  await dock([base]);
  press(">");
  press(">");
  expect(screen.getByRole("button", { name: "Speed 1.5×" })).toBeTruthy();
  press("<");
  await userEvent.click(screen.getByRole("button", { name: "Speed 1.25×" }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "3×", hidden: true }));
  expect(await screen.findByRole("button", { name: "Speed 3×" })).toBeTruthy();
  press("l");
  press("[");
  press("l");
  press("]");
  await userEvent.click(screen.getByRole("button", { name: "End the loop at 0:05–0:10" }));
  expect(screen.getByRole("button", { name: "Begin a loop here" })).toBeTruthy();
});

test("speakers are named only when it is said who is where; gaps have a label", async () => {
  await dock([
    {
      ...base,
      channels: [
        { side: "left", role: "customer" },
        { side: "right", role: "agent" },
      ],
      pauses: [{ from: 20, to: 31 }],
      holds: [{ from: 60, to: 90 }],
    },
  ]);
  expect(screen.getAllByRole("slider", { name: /^Volume/ }).map((one) => one.getAttribute("aria-label"))).toEqual([
    "Volume: Agent",
    "Volume: Customer",
  ]);
  expect(within(position()).getByTitle("not recorded 0:20–0:31")).toBeTruthy();
  expect(within(position()).getByTitle("on hold 1:00–1:30")).toBeTruthy();
});

test("one recording is chosen among several", async () => {
  await dock([base, { ...base, key: "recording::172", id: "172", seconds: 12, voicemail: true }]);
  await userEvent.click(screen.getByRole("button", { name: /^Choose a recording: Call/ }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: /Voicemail/, hidden: true }));
  await waitFor(() => expect(position().getAttribute("aria-valuemax")).toBe("12"));
});

test.each([
  ["gone", 410, "The recording is no longer there", false],
  ["not_allowed", 403, "You may not hear this recording", false],
  ["host_refused", 502, "The recording lies on a host that is not allowed", false],
  ["rate_limited", 429, "The provider asks us to wait", true],
  ["internal", 500, "The recording cannot be played", true],
] as const)("%s has a screen of its own", async (code, status, heading, retry) => {
  fakeGateway({ "GET /api/v1/media/h1.171": problem({ code, status, fault: "provider", title: "Said so" }) });
  await dock([base]);
  press(" ");
  const audio = document.querySelector("audio") as HTMLAudioElement;
  Object.defineProperty(audio, "error", { value: { code: 4 } });
  act(() => void audio.dispatchEvent(new Event("error")));
  expect(await screen.findByRole("heading", { name: heading })).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("Said so.");
  expect(screen.queryAllByRole("button", { name: "Try again" })).toHaveLength(retry ? 1 : 0);
});
