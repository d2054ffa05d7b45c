import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { type Fault, Problem } from "../api/problem";
import { ProblemNote } from "./ProblemNote";

afterEach(() => void vi.useRealTimers());

function made(
  some: {
    fault?: Fault;
    retryAfterSeconds?: number;
    title?: string;
    action?: string;
    provider?: string;
    requestId?: string;
  } = {},
) {
  return new Problem({
    status: 502,
    code: "provider_down",
    fault: "provider",
    title: "Zendesk does not answer",
    action: "Try again in a while.",
    requestId: "7f3a",
    ...some,
  });
}

test.each([
  ["request", "About this request"],
  ["account", "About the link to Zendesk"],
  ["provider", "At Zendesk"],
  ["gateway", "At our gateway"],
] as const)("%s says whose fault it is in words", (fault, words) => {
  render(<ProblemNote problem={made({ fault, provider: "Zendesk" })} />);
  expect(screen.getByText(words)).toBeTruthy();
  expect(document.querySelector("[data-fault]")?.getAttribute("data-fault")).toBe(fault);
});

test("one sentence, the request id, one button", () => {
  const retry = vi.fn();
  render(<ProblemNote problem={made()} onRetry={retry} />);
  expect(screen.getByRole("alert").textContent).toBe("Zendesk does not answer. Try again in a while.");
  expect(screen.getByText("7f3a").tagName).toBe("CODE");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledTimes(1);
});

test("asked to wait, title and action read as one, and both stay true while the button counts", () => {
  vi.useFakeTimers();
  const words = { title: "Zendesk asks us to wait", action: "Try again after 40 s.", retryAfterSeconds: 40 };
  render(<ProblemNote problem={made(words)} onRetry={vi.fn()} />);
  const said = "Zendesk asks us to wait. Try again after 40 s.";
  expect(screen.getByRole("alert").textContent).toBe(said);
  act(() => void vi.advanceTimersByTime(41_000));
  expect(screen.getByRole("alert").textContent).toBe(said);
  expect(screen.getByRole("button").textContent).toBe("Try again");
});

test("the button counts down what the provider asked for, then works", () => {
  vi.useFakeTimers();
  const retry = vi.fn();
  render(<ProblemNote problem={made({ retryAfterSeconds: 40 })} onRetry={retry} />);
  const button = () => screen.getByRole<HTMLButtonElement>("button");
  expect(button().textContent).toBe("Try again in 40 s");
  expect(button().disabled).toBe(true);
  act(() => void vi.advanceTimersByTime(39_000));
  expect(button().textContent).toBe("Try again in 1 s");
  act(() => void vi.advanceTimersByTime(1_000));
  expect(button().textContent).toBe("Try again");
  fireEvent.click(button());
  expect(retry).toHaveBeenCalledTimes(1);
});

test("without a way to help there is no button, and without an id no id", () => {
  render(<ProblemNote problem={made({ requestId: "" })} />);
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.queryByText("Request")).toBeNull();
});
