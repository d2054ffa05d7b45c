import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Call } from "../../components/listening";
import { fakeGateway, problem } from "../../testing/gateway";
import { Player } from "./player";
import { Waves } from "./waves";

/** An <audio> that does what it is told and loads when the test says so. */
class FakeAudio extends EventTarget {
  src = "";
  preload = "none";
  currentTime = 0;
  duration = Number.NaN;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  volume = 1;
  paused = true;
  readyState = 0;
  error: { code: number; message: string } | null = null;
  loads = 0;
  hasAttribute() {
    return this.src !== "";
  }
  removeAttribute() {
    this.src = "";
  }
  load() {
    this.loads++;
    this.error = null;
    this.currentTime = 0;
    this.readyState = 0;
  }
  async play() {
    this.paused = false;
    if (this.readyState > 0) this.tell("playing");
  }
  pause() {
    if (this.paused) return;
    this.paused = true;
    this.tell("pause");
  }
  /** The bytes come. */
  arrive(duration = 120) {
    this.duration = duration;
    this.readyState = 4;
    this.tell("loadedmetadata");
    this.tell("canplay");
    if (!this.paused) this.tell("playing");
  }
  fail(message = "") {
    this.error = { code: 2, message };
    this.tell("error");
  }
  tell(name: string) {
    this.dispatchEvent(new Event(name));
  }
}

function call(id: string, more: Partial<Call> = {}): Call {
  return {
    ...{ key: `recording::${id}`, id, time: 0, seconds: 120, handle: `h1.${id}`, open: "o1", voicemail: false },
    ...{ channels: [], pauses: [], holds: [], lines: [], transcript: false, drawn: true },
    ...more,
  };
}

let audio: FakeAudio;
beforeEach(() => {
  audio = new FakeAudio();
});
afterEach(() => {
  localStorage.clear();
  vi.useRealTimers();
});

function player(calls: Call[] = [call("171")], more: Partial<ConstructorParameters<typeof Player>[0]> = {}) {
  const renew = vi.fn();
  const made = new Player({ person: "u1", ...more });
  made.offer(calls, renew);
  made.attach(audio as unknown as HTMLAudioElement);
  return { made, renew, state: () => made.snapshot().playback.state };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const mediaOf = (id: string) => `GET /api/v1/media/h1.${id}`;

test("nothing is fetched before it is asked to play", () => {
  const { made, state } = player();
  made.seek("recording::171", 40);
  expect([state(), audio.loads, audio.src, made.position()]).toEqual(["idle", 0, "", 40]);
});

test("idle, loading, playing, paused", () => {
  const { made, state } = player();
  made.toggle();
  expect([state(), audio.src, audio.paused]).toEqual(["loading", "/api/v1/media/h1.171", false]);
  audio.arrive();
  expect([state(), made.playhead().playing]).toEqual(["playing", true]);
  made.toggle();
  expect([state(), made.playhead().playing]).toEqual(["paused", false]);
});

test("a pause while it loads is kept", () => {
  const { made, state } = player([call("171")], { start: { recording: "171", seconds: 93 } });
  made.toggle();
  made.toggle();
  audio.arrive();
  expect([state(), audio.paused, audio.currentTime]).toEqual(["paused", true, 93]);
});

test("a deep link shows its second and plays from there when asked", () => {
  const { made } = player([call("170"), call("171")], { start: { recording: "171", seconds: 93 } });
  expect([made.playhead().key, made.playhead().second, audio.loads]).toEqual(["recording::171", 93, 0]);
  made.toggle();
  audio.arrive();
  expect([audio.currentTime, audio.paused]).toEqual([93, false]);
});

test("the recording's own length wins over the call's", () => {
  const { made } = player([call("171", { seconds: 127 })]);
  made.toggle();
  audio.arrive(101);
  expect(made.snapshot().seconds).toBe(101);
});

test("steps stay inside the recording", () => {
  const { made } = player();
  made.toggle();
  audio.arrive();
  made.step(-30);
  expect(audio.currentTime).toBe(0);
  made.step(5000);
  expect(audio.currentTime).toBeCloseTo(119.95);
});

test("the loop goes back to its beginning; an end before it is none", () => {
  const { made } = player();
  made.toggle();
  audio.arrive();
  audio.currentTime = 20;
  made.mark("from");
  made.mark("to");
  expect(made.snapshot().loop).toEqual({ from: 20, to: undefined });
  audio.currentTime = 25;
  made.mark("to");
  audio.currentTime = 25.1;
  audio.tell("timeupdate");
  expect(audio.currentTime).toBe(20);
  made.unmark();
  expect(made.snapshot().loop).toEqual({ from: undefined, to: undefined });
});

test("the line that is heard", () => {
  const line = (from: number) => ({ from, to: undefined, role: "agent" as const, name: undefined, text: "" });
  const { made } = player([call("171", { lines: [line(1), line(7)], transcript: true })]);
  made.toggle();
  audio.arrive();
  for (const [at, want] of [
    [0.5, undefined],
    [1, 0],
    [6.9, 0],
    [7, 1],
  ] as const) {
    audio.currentTime = at;
    audio.tell("timeupdate");
    expect(made.playhead().line).toBe(want);
  }
});

test("what the gateway says of a failure is shown as it is, and trying again goes on at the same second", async () => {
  const { sent } = fakeGateway({
    [mediaOf("171")]: problem({ status: 502, code: "host_refused", fault: "provider", title: "Not an allowed host" }),
  });
  const { made, state } = player();
  made.playFrom("recording::171", 40);
  audio.fail();
  await settled();
  expect(new Headers(sent[0]?.init.headers).get("Range")).toBe("bytes=0-0");
  expect(state()).toBe("failed");
  expect(made.snapshot().playback).toMatchObject({ problem: { code: "host_refused", title: "Not an allowed host" } });
  made.tryAgain();
  audio.arrive();
  expect([state(), audio.currentTime]).toEqual(["playing", 40]);
});

test("an expired handle is renewed, and playing goes on at the same second", async () => {
  fakeGateway({ [mediaOf("171")]: problem({ status: 410, code: "handle_expired", fault: "request" }) });
  const { made, renew, state } = player();
  made.toggle();
  audio.arrive();
  audio.currentTime = 61;
  audio.fail();
  await settled();
  expect(renew).toHaveBeenCalledTimes(1);
  expect(state()).toBe("loading");
  made.offer([call("171", { handle: "h1.new" })], renew);
  audio.arrive();
  expect([state(), audio.currentTime, audio.src]).toEqual(["playing", 61, "/api/v1/media/h1.new"]);
});

test("a handle that is not renewed in time is a failure", async () => {
  vi.useFakeTimers();
  fakeGateway({ [mediaOf("171")]: problem({ status: 410, code: "handle_expired", fault: "request" }) });
  const { made, state } = player();
  made.toggle();
  audio.fail();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(state()).toBe("loading");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(state()).toBe("failed");
});

test("a cut is tried again once; bytes that are there and cannot be played are said to be so", async () => {
  fakeGateway({ [mediaOf("171")]: new Response("x", { status: 206 }) });
  const { made, state } = player();
  made.toggle();
  audio.fail();
  await settled();
  expect([state(), audio.loads]).toEqual(["loading", 1 + 1]);
  audio.fail();
  await settled();
  expect(made.snapshot().playback).toEqual({ state: "failed", problem: "unplayable" });
});

test("without a sound output that is what is said, and the bytes are not blamed", async () => {
  fakeGateway({ [mediaOf("171")]: new Response("x", { status: 206 }) });
  const { made, state } = player();
  made.playFrom("recording::171", 40);
  audio.fail("OnMediaSinkAudioError");
  await settled();
  expect(made.snapshot().playback).toEqual({ state: "failed", problem: "no_output" });
  made.tryAgain();
  audio.arrive();
  expect([state(), audio.currentTime]).toEqual(["playing", 40]);
});

test("two recordings: one at a time, and volumes by whose voice it is", () => {
  const { made } = player([call("170"), call("171")]);
  made.setVolume("both", 0.4);
  made.playFrom("recording::170", 3);
  audio.arrive();
  expect(audio.volume).toBe(0.4);
  made.toggle("recording::171");
  expect([made.playhead().key, audio.src]).toEqual(["recording::171", "/api/v1/media/h1.171"]);
});

test("speed and silence are remembered for the person", () => {
  const { made } = player();
  made.setSpeed(1.5);
  made.setSkipSilence(true);
  expect(new Player({ person: "u1" }).snapshot().settings).toMatchObject({ speed: 1.5, skipSilence: true });
  expect(new Player({ person: "u2" }).snapshot().settings).toMatchObject({ speed: 1, skipSilence: false });
});

test("leaving hands on what was heard, ends the request and forgets the calls", () => {
  const told: unknown[] = [];
  const { made, state } = player([call("171")], { onHeard: (...said) => void told.push(said) });
  made.toggle();
  audio.arrive();
  const clock = vi.spyOn(performance, "now");
  for (const at of [0, 0.5, 1]) {
    clock.mockReturnValue(50_000 + at * 1000);
    audio.currentTime = at;
    audio.tell("timeupdate");
  }
  made.leave();
  expect(told).toEqual([["o1", "171", [{ from: 0, to: 1 }]]]);
  expect([state(), audio.src, audio.paused, made.snapshot().calls]).toEqual(["idle", "", true, []]);
});

test("what was heard is handed on under the opening whose handle was heard", () => {
  const told: unknown[] = [];
  const { made } = player([call("171")], { onHeard: (...said) => void told.push(said) });
  const clock = vi.spyOn(performance, "now");
  const hear = (from: number, when: number) => {
    for (const at of [0, 0.5, 1]) {
      clock.mockReturnValue(when + at * 1000);
      audio.currentTime = from + at;
      audio.tell("timeupdate");
    }
  };
  made.toggle();
  audio.arrive();
  hear(0, 50_000);
  made.offer([call("171", { handle: "h2.171", open: "o2" })], () => undefined);
  hear(40, 60_000);
  made.tryAgain();
  audio.arrive();
  hear(80, 70_000); // another place: not on from 41
  made.leave();
  expect(told).toEqual([
    [
      "o1",
      "171",
      [
        { from: 0, to: 1 },
        { from: 40, to: 41 },
      ],
    ],
    ["o2", "171", [{ from: 80, to: 81 }]],
  ]);
});

test.each([true, false])("a recording is read once more only where the link lets it be drawn: %s", (drawn) => {
  const read = vi.spyOn(Waves.prototype, "read").mockImplementation(() => undefined);
  const { made } = player([call("171", { drawn })]);
  made.toggle();
  audio.arrive();
  expect(read).toHaveBeenCalledTimes(drawn ? 1 : 0);
});
