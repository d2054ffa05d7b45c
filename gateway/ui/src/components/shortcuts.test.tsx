import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listenForShortcuts, setSingleKeys, useShortcutGroups, useShortcuts } from "./shortcuts";

let stop: () => void;
beforeEach(() => {
  stop = listenForShortcuts();
});
afterEach(() => {
  stop();
  setSingleKeys(true);
});

function Pane({ keys, run, title = "Pane" }: { keys: string[]; run: () => void; title?: string }) {
  useShortcuts(title, [{ keys, does: `does ${keys[0]}`, run }]);
  return <input aria-label="typing" />;
}

function Sheet() {
  return (
    <p>
      {useShortcutGroups()
        .map((g) => g.shortcuts.map((s) => s.does).join())
        .join()}
    </p>
  );
}

test.each([
  ["n", { key: "n" }, 1],
  ["n", { key: "N", shiftKey: true }, 0],
  ["N", { key: "N", shiftKey: true }, 1],
  ["Shift+J", { key: "J", shiftKey: true }, 1],
  ["Shift+J", { key: "j" }, 0],
  ["?", { key: "?", shiftKey: true }, 1],
  ["/", { key: "/" }, 1],
  ["n", { key: "n", ctrlKey: true }, 0],
  ["n", { key: "n", metaKey: true }, 0],
  ["ArrowDown", { key: "ArrowDown" }, 1],
])("%s on %o runs %i times", (key, event, times) => {
  const run = vi.fn();
  render(<Pane keys={[key]} run={run} />);
  fireEvent.keyDown(document.body, event);
  expect(run).toHaveBeenCalledTimes(times);
});

test("whoever types is left alone", () => {
  const run = vi.fn();
  render(<Pane keys={["n"]} run={run} />);
  fireEvent.keyDown(screen.getByLabelText("typing"), { key: "n" });
  expect(run).not.toHaveBeenCalled();
});

test("one switch turns all single keys off, and the browser remembers it", () => {
  const run = vi.fn();
  render(<Pane keys={["n"]} run={run} />);
  setSingleKeys(false);
  fireEvent.keyDown(document.body, { key: "n" });
  expect(run).not.toHaveBeenCalled();
  expect(localStorage.getItem("sightglass-keys")).toBe("off");
  setSingleKeys(true);
  fireEvent.keyDown(document.body, { key: "n" });
  expect(run).toHaveBeenCalledTimes(1);
  expect(localStorage.length).toBe(0);
});

test("the sheet lists what is on the page, and forgets what has left it", () => {
  const { rerender } = render(
    <>
      <Pane keys={["n"]} run={() => undefined} />
      <Sheet />
    </>,
  );
  expect(screen.getByText("does n")).toBeTruthy();
  rerender(<Sheet />);
  expect(screen.queryByText("does n")).toBeNull();
});

test("the newest pane gets a key that two want", () => {
  const [older, newer] = [vi.fn(), vi.fn()];
  render(
    <>
      <Pane keys={["n"]} run={older} title="a" />
      <Pane keys={["n"]} run={newer} title="b" />
    </>,
  );
  fireEvent.keyDown(document.body, { key: "n" });
  expect([older.mock.calls.length, newer.mock.calls.length]).toEqual([0, 1]);
});
