import { call as ask } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Call, Listening, Playhead, Span } from "../../components/listening";
import { Heard } from "./heard";
import { lanesOf, lineAt } from "./lines";
import { Mixer } from "./mixer";
import { afterSilence, type Peaks } from "./peaks";
import { remember, remembered, type Settings, type Voice } from "./settings";
import { Waves } from "./waves";

/** The bytes are there and nobody hears them: no audio that the browser knows, or nothing to hear it with. */
export type Unheard = "unplayable" | "no_output";

/** One state at a time. */
export type Playback =
  | { state: "idle" } // nothing was asked for: not a byte is fetched, no line is in the audit log
  | { state: "loading" }
  | { state: "playing" }
  | { state: "paused" }
  | { state: "failed"; problem: Problem | Unheard };

export type Loop = { from: number | undefined; to: number | undefined };

/** What the dock shows. It changes with what is done and once a second, not with every frame. */
export type Shown = Playhead & {
  readonly calls: readonly Call[];
  readonly call: Call | undefined;
  readonly playback: Playback;
  readonly settings: Settings;
  readonly loop: Loop;
  readonly peaks: Peaks | undefined;
  readonly peaksVersion: number;
};

export type Start = { recording: string | undefined; seconds: number };

/** What was heard of a recording, and in which opening. */
export type OnHeardIn = (open: string, recording: string, spans: readonly Span[]) => void | Promise<void>;

type Options = {
  person: string;
  /** Where a deep link points; it is shown, not played. */
  start?: Start | undefined;
  onHeard?: OnHeardIn | undefined;
};

const noLoop: Loop = { from: undefined, to: undefined };
/** How long a renewed handle may take, in milliseconds; a ticket's parts come again for it. */
const renewWithin = 30_000;

/**
 * Player plays one recording at a time through one <audio> element and says what is heard. It holds
 * nothing of the calls once the page is left.
 */
export class Player implements Listening {
  private current: Shown;
  private readonly listeners = new Set<() => void>();
  private readonly frames = new Set<(seconds: number) => void>();
  private element: HTMLAudioElement | undefined;
  private mixer: Mixer | undefined;
  private heard = this.newHeard();
  private open: string | undefined; // of what is loaded
  private start: Start | undefined;
  private renew: () => void = () => undefined;
  private readonly waves = new Waves();
  private wanted: { seconds: number; play: boolean } | undefined; // until the element knows its length
  private expired: { handle: string; timer: ReturnType<typeof setTimeout> } | undefined;
  private checking: AbortController | undefined;
  private retriedAt: number | undefined; // the second at which it broke before
  private frame = 0;

  constructor(private readonly options: Options) {
    this.start = options.start;
    this.current = {
      ...{ key: undefined, playing: false, second: 0, seconds: 0, line: undefined },
      ...{ calls: [], call: undefined, playback: { state: "idle" }, loop: noLoop },
      ...{ settings: remembered(options.person), peaks: undefined, peaksVersion: 0 },
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  playhead = (): Playhead => this.current;
  snapshot = (): Shown => this.current;

  /** Calls back with the exact second, as often as the screen is drawn. */
  onFrame = (draw: (seconds: number) => void): (() => void) => {
    this.frames.add(draw);
    draw(this.position());
    return () => this.frames.delete(draw);
  };

  position = (): number => this.wanted?.seconds ?? this.element?.currentTime ?? 0;
  heardSpans = (): readonly Span[] => this.heard.of(this.current.call?.id ?? "");

  /** The dock's <audio>; null when the dock goes. */
  attach = (element: HTMLAudioElement | null): void => {
    if (element === (this.element ?? null)) return;
    if (this.element) this.release();
    this.element = element ?? undefined;
    if (!element) return;
    this.mixer = new Mixer(element);
    for (const [name, listener] of this.events) element.addEventListener(name, listener);
  };

  offer = (calls: readonly Call[], renew: () => void): void => {
    this.renew = renew;
    const call = calls.find(({ key }) => key === this.current.key) ?? this.first(calls);
    if (!call) {
      this.empty();
      return;
    }
    const before = this.current.call;
    this.set({ calls, call, key: call.key });
    if (before?.key !== call.key) this.select(call, this.startOf(call));
    else if (this.expired && call.handle !== this.expired.handle) this.renewed();
    else this.tick();
  };

  toggle = (key = this.current.key): void => {
    const { playback } = this.current;
    if (key === undefined) return;
    const going = this.wanted?.play || playback.state === "playing" || playback.state === "loading";
    if (key === this.current.key && going) this.pause();
    else this.playFrom(key, key === this.current.key ? this.position() : 0);
  };

  seek = (key: string, seconds: number): void => {
    const playing = this.current.playing && key === this.current.key;
    this.go(key, seconds, playing);
  };

  playFrom = (key: string, seconds: number): void => this.go(key, seconds, true);
  seekTo = (seconds: number): void => void (this.current.key && this.seek(this.current.key, seconds));
  step = (by: number): void => this.seekTo(this.position() + by);

  setSpeed = (speed: number): void => {
    this.settle({ speed });
    if (this.element) this.element.playbackRate = speed;
  };

  setSkipSilence = (skipSilence: boolean): void => this.settle({ skipSilence });

  setVolume = (voice: Voice, volume: number): void => {
    this.settle({ volumes: { ...this.current.settings.volumes, [voice]: Math.max(0, Math.min(1, volume)) } });
    this.mix();
  };

  /** Sets an end of the loop where the playhead is. */
  mark = (end: "from" | "to"): void => {
    const at = this.position();
    const { from, to } = this.current.loop;
    if (end === "from") {
      this.set({ loop: { from: at, to: to !== undefined && to > at ? to : undefined } });
      return;
    }
    const begins = from ?? 0;
    if (at > begins) this.set({ loop: { from: begins, to: at } });
  };

  unmark = (): void => this.set({ loop: noLoop });

  tryAgain = (): void => {
    const { key } = this.current;
    if (key === undefined) return;
    this.retriedAt = undefined;
    this.waves.stop();
    this.load(this.position(), true);
  };

  /** Ends playing, the Worker and their requests, and forgets the calls. */
  leave = (): void => {
    this.heard.report(performance.now());
    this.empty();
    this.heard = this.newHeard();
  };

  private newHeard(): Heard {
    return new Heard((recording, spans) =>
      this.open === undefined ? undefined : this.options.onHeard?.(this.open, recording, spans),
    );
  }

  private first(calls: readonly Call[]): Call | undefined {
    const named = this.start?.recording;
    return (named === undefined ? undefined : calls.find(({ id }) => id === named)) ?? calls[0];
  }

  /** The deep link's second, once, for the recording it names. */
  private startOf({ id }: Call): number {
    const { recording = id, seconds = 0 } = this.start ?? {};
    if (recording !== id) return 0;
    this.start = undefined;
    return seconds;
  }

  private select(call: Call, seconds: number) {
    this.stop();
    this.retriedAt = undefined;
    this.wanted = { seconds, play: false };
    const peaks = this.waves.of(call.key);
    this.set({
      ...{ call, key: call.key, playing: false, playback: { state: "idle" }, loop: noLoop },
      ...{ seconds: call.seconds ?? 0, peaks, peaksVersion: peaks?.version ?? 0 },
    });
    this.tick();
  }

  private go(key: string, seconds: number, play: boolean) {
    const call = this.current.calls.find((one) => one.key === key);
    if (!call) return;
    if (key !== this.current.key) this.select(call, 0);
    const length = this.current.seconds;
    const at = Math.max(0, length > 0 ? Math.min(seconds, Math.max(0, length - 0.05)) : seconds);
    this.heard.lift();
    const { state } = this.current.playback;
    if (state === "failed" || (state === "idle" && play)) return this.load(at, play);
    if (state === "idle" || !this.element || this.element.readyState === 0) {
      this.wanted = { seconds: at, play: play || this.wanted?.play === true };
      return this.tick();
    }
    this.element.currentTime = at;
    this.tick();
    if (play) this.play();
  }

  private load(seconds: number, play: boolean) {
    const { element } = this;
    const { call } = this.current;
    if (!element || !call) return;
    this.wanted = { seconds, play };
    // What was heard before belongs to the opening before.
    if (this.open !== undefined && call.open !== this.open) this.heard.report(performance.now());
    this.open = call.open;
    this.set({ playback: { state: "loading" } });
    element.preload = "auto";
    element.src = urlOf(call);
    element.playbackRate = this.current.settings.speed;
    element.defaultPlaybackRate = this.current.settings.speed;
    this.mix();
    element.load();
    if (play && seconds === 0) this.play(); // at once; from elsewhere it plays when the length is known
  }

  private play() {
    this.mixer?.resume();
    void this.element?.play().catch((cause: unknown) => {
      // The browser wants a gesture first. Other failures are said by the element's error event.
      if (cause instanceof DOMException && cause.name === "NotAllowedError")
        this.set({ playback: { state: "paused" } });
    });
  }

  private pause() {
    if (this.wanted) this.wanted = { ...this.wanted, play: false };
    this.element?.pause();
    if (this.current.playback.state === "loading") this.set({ playback: { state: "paused" } });
  }

  private readonly events: readonly (readonly [string, () => void])[] = [
    ["loadedmetadata", () => this.lengthKnown()],
    ["durationchange", () => this.measure()],
    ["canplay", () => this.canPlay()],
    ["playing", () => this.nowPlaying()],
    ["waiting", () => this.current.playing && this.set({ playback: { state: "loading" } })],
    ["pause", () => this.paused()],
    ["ended", () => this.paused()],
    ["seeking", () => this.heard.lift()],
    ["timeupdate", () => this.tick()],
    ["error", () => void this.failed()],
  ];

  private lengthKnown() {
    this.measure();
    const wanted = this.wanted;
    this.wanted = undefined;
    if (!wanted || !this.element) return;
    if (wanted.seconds > 0) this.element.currentTime = wanted.seconds;
    if (wanted.play && this.element.paused) this.play();
    this.tick();
  }

  /** The provider's length, unless what is heard is another: a recording is shorter than its call by its pauses. */
  private measure() {
    const duration = this.element?.duration ?? Number.NaN;
    const known = this.current.call?.seconds ?? 0;
    if (Number.isFinite(duration) && Math.abs(duration - known) > 1) this.set({ seconds: duration });
  }

  private canPlay() {
    const { call, playback } = this.current;
    if (!call) return;
    if (playback.state === "loading" && this.element?.paused) this.set({ playback: { state: "paused" } });
    if (!call.drawn) return;
    this.waves.read(call.key, urlOf(call), (peaks) => this.grown(call.key, peaks));
  }

  private grown(key: string, peaks: Peaks) {
    if (key !== this.current.key) return;
    const channels = this.current.peaks?.channels;
    this.set({ peaks, peaksVersion: peaks.version });
    if (peaks.channels !== channels) this.mix();
  }

  private nowPlaying() {
    this.set({ playing: true, playback: { state: "playing" } });
    cancelAnimationFrame(this.frame);
    const draw = () => {
      this.tick();
      if (this.current.playing) this.frame = requestAnimationFrame(draw);
    };
    this.frame = requestAnimationFrame(draw);
  }

  private paused() {
    cancelAnimationFrame(this.frame);
    this.heard.lift();
    if (this.current.playback.state !== "failed" && this.current.playback.state !== "idle") {
      this.set({ playing: false, playback: { state: "paused" } });
    }
    this.tick();
  }

  /** Looks at the clock: what was heard, loop and silence, the line, and who wants to draw. */
  private tick() {
    const { call, playing, settings, loop, peaks, seconds } = this.current;
    if (!call) return;
    let at = this.position();
    if (playing && this.element && !this.wanted) {
      this.heard.look(call.id, at, settings.speed, performance.now());
      const jump = next(at, loop, settings.skipSilence ? peaks : undefined, seconds);
      if (jump !== undefined) {
        this.heard.lift();
        this.element.currentTime = jump;
        at = jump;
      }
    }
    const line = lineAt(call.lines, at);
    const second = Math.floor(at);
    if (line !== this.current.line || second !== this.current.second) this.set({ line, second });
    for (const draw of this.frames) draw(at);
  }

  /** A media element does not say why it failed: one byte is asked for, and the gateway says it. */
  private async failed() {
    const { call } = this.current;
    const error = this.element?.error;
    if (!call || !error || this.current.playback.state === "idle") return;
    const again = { seconds: this.position(), play: this.current.playing || this.wanted?.play === true };
    this.wanted = again;
    // Firefox fails when there is no output, or when it goes away; Chromium plays on unheard.
    if (/AudioSink|MediaSink/.test(error.message)) return this.fail("no_output");
    this.set({ playing: false, playback: { state: "loading" } });
    this.checking?.abort();
    const checking = new AbortController();
    this.checking = checking;
    try {
      const answer = await ask(urlOf(call), { range: "bytes=0-0", accept: "*/*", signal: checking.signal });
      await answer.body?.cancel();
      if (checking.signal.aborted) return;
      if (Math.abs(again.seconds - (this.retriedAt ?? Number.NEGATIVE_INFINITY)) < 5) return this.fail("unplayable");
      this.retriedAt = again.seconds; // a cut, or somebody has signed in again over the page
      this.load(again.seconds, again.play);
    } catch (cause) {
      if (checking.signal.aborted) return;
      const problem = cause instanceof Problem ? cause : Problem.unreachable();
      if (problem.code === "handle_expired") this.askForHandle(call, problem);
      else this.fail(problem);
    }
  }

  private fail(problem: Problem | Unheard) {
    this.set({ playing: false, playback: { state: "failed", problem } });
  }

  private askForHandle(call: Call, problem: Problem) {
    clearTimeout(this.expired?.timer);
    const timer = setTimeout(() => {
      this.expired = undefined;
      this.fail(problem);
    }, renewWithin);
    this.expired = { handle: call.handle, timer };
    this.renew();
  }

  /** The parts came again, with a new handle: on from the same second. */
  private renewed() {
    clearTimeout(this.expired?.timer);
    this.expired = undefined;
    const { seconds, play } = this.wanted ?? { seconds: this.position(), play: false };
    this.waves.stop();
    this.load(seconds, play);
  }

  private mix() {
    const { call, peaks, settings } = this.current;
    if (!call) return;
    const lanes = [...lanesOf(call, peaks?.channels ?? 0)].sort((a, b) => a.channel - b.channel);
    this.mixer?.set(lanes.map(({ voice }) => settings.volumes[voice]));
  }

  private settle(change: Partial<Settings>) {
    const settings = { ...this.current.settings, ...change };
    remember(this.options.person, settings);
    this.set({ settings });
  }

  private stop() {
    cancelAnimationFrame(this.frame);
    this.checking?.abort();
    clearTimeout(this.expired?.timer);
    this.expired = undefined;
    this.wanted = undefined;
    this.heard.lift();
    this.waves.stop();
    this.set({ playing: false, playback: { state: "idle" } });
    if (this.element?.hasAttribute("src")) {
      this.element.pause();
      this.element.removeAttribute("src");
      this.element.load(); // ends its request
    }
  }

  private empty() {
    this.stop();
    this.waves.clear();
    this.set({
      ...{ calls: [], call: undefined, key: undefined, second: 0, seconds: 0, line: undefined },
      ...{ peaks: undefined, peaksVersion: 0, loop: noLoop },
    });
  }

  private release() {
    for (const [name, listener] of this.events) this.element?.removeEventListener(name, listener);
    this.stop();
    this.mixer?.close();
    this.mixer = undefined;
  }

  private set(change: Partial<Shown>) {
    this.current = { ...this.current, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

/** Where playing goes on other than here: at the loop's beginning, or after a silence. */
function next(at: number, loop: Loop, peaks: Peaks | undefined, seconds: number): number | undefined {
  if (loop.from !== undefined && loop.to !== undefined && at >= loop.to && at < loop.to + 2) return loop.from;
  const after = peaks && afterSilence(peaks, at);
  return after !== undefined && (seconds === 0 || after < seconds) ? after : undefined;
}

export function urlOf({ handle }: Pick<Call, "handle">): string {
  return `/api/v1/media/${encodeURIComponent(handle)}`;
}
