import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call, Span } from "../../components/listening";
import { clock } from "./clock";
import { drawLane } from "./drawLane";
import styles from "./Lanes.module.css";
import { type Lane, spanOf } from "./lines";
import { usePlayer } from "./PlayerProvider";

/** The recording from its beginning to its end: a lane a channel, gaps, what was heard, and the playhead. */
export function Lanes({ lanes }: { lanes: readonly Lane[] }) {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { call, seconds, second } = shown;
  const box = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLSpanElement>(null);
  const [hover, setHover] = useState<number>();
  const appearance = useAppearance(box);

  useEffect(
    () =>
      player.onFrame((at) => {
        if (head.current && seconds > 0) head.current.style.left = `${Math.min(100, (at / seconds) * 100)}%`;
      }),
    [player, seconds],
  );

  const secondAt = (event: PointerEvent) => {
    const edges = box.current?.getBoundingClientRect();
    if (!edges || edges.width === 0) return 0;
    return Math.max(0, Math.min(1, (event.clientX - edges.left) / edges.width)) * seconds;
  };
  const drag = (event: PointerEvent) => {
    setHover(secondAt(event));
    if (event.buttons === 1 && box.current?.hasPointerCapture(event.pointerId)) player.seekTo(secondAt(event));
  };
  const grab = (event: PointerEvent) => {
    if (event.button !== 0) return;
    box.current?.setPointerCapture(event.pointerId);
    player.seekTo(secondAt(event));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = keyTarget(event.key, player.position(), seconds);
    if (target === undefined) return;
    event.preventDefault();
    player.seekTo(target);
  };
  if (!call) return null;

  return (
    <div
      ref={box}
      className={styles.lanes}
      data-lanes={lanes.length}
      role="slider"
      tabIndex={0}
      aria-label={t("position")}
      aria-valuemin={0}
      aria-valuemax={Math.round(seconds)}
      aria-valuenow={Math.min(second, Math.round(seconds))}
      aria-valuetext={seconds > 0 ? t("at", { at: clock(second), of: clock(seconds) }) : clock(second)}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerLeave={() => setHover(undefined)}
      onKeyDown={keys}
    >
      {lanes.map((lane) => (
        <Wave key={lane.channel} lane={lane} appearance={appearance} />
      ))}
      {lanes.length === 1 && <Speakers call={call} seconds={seconds} />}
      <Gaps call={call} seconds={seconds} />
      <Heard />
      <Loop />
      {hover !== undefined && seconds > 0 && (
        <span className={styles.hover} style={{ left: `${(hover / seconds) * 100}%` }} aria-hidden="true">
          {clock(hover)}
        </span>
      )}
      <span ref={head} className={styles.head} aria-hidden="true" />
    </div>
  );
}

function keyTarget(key: string, at: number, seconds: number): number | undefined {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return at - 5;
    case "ArrowRight":
    case "ArrowUp":
      return at + 5;
    case "PageDown":
      return at - 30;
    case "PageUp":
      return at + 30;
    case "Home":
      return 0;
    case "End":
      return seconds;
    default:
      return undefined;
  }
}

function Wave({ lane, appearance }: { lane: Lane; appearance: number }) {
  const { shown } = usePlayer();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { peaks, peaksVersion, seconds } = shown;
  // Peaks come once a second of audio, hundreds a second of ours: one drawing a frame is enough.
  // biome-ignore lint/correctness/useExhaustiveDependencies: peaks grow in place, and the theme changes outside React
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => canvas.current && drawLane(canvas.current, lane, peaks, seconds));
    return () => cancelAnimationFrame(frame);
  }, [lane.channel, lane.look, peaks, peaksVersion, seconds, appearance]);
  return <canvas ref={canvas} className={styles.wave} data-look={lane.look} />;
}

/** A number that changes when the lanes have another size or other colours. */
function useAppearance(box: React.RefObject<HTMLElement | null>): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const changed = () => setCount((before) => before + 1);
    const size = new ResizeObserver(changed);
    if (box.current) size.observe(box.current);
    const theme = new MutationObserver(changed);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const machine = window.matchMedia("(prefers-color-scheme: dark)");
    machine.addEventListener("change", changed);
    return () => {
      size.disconnect();
      theme.disconnect();
      machine.removeEventListener("change", changed);
    };
  }, [box]);
  return count;
}

const place = (from: number, to: number, seconds: number) => ({
  left: `${(Math.max(0, from) / seconds) * 100}%`,
  width: `${(Math.max(0, Math.min(to, seconds) - from) / seconds) * 100}%`,
});

/** One lane says nothing about who: the transcript does, beneath it. */
function Speakers({ call, seconds }: { call: Call; seconds: number }) {
  if (seconds <= 0) return null;
  return (
    <span className={styles.speakers} aria-hidden="true">
      {call.lines.map((line, index) => {
        const { from, to } = spanOf(call.lines, index, seconds);
        if (from >= seconds) return null;
        return <span key={`${from} ${line.role}`} data-kind={line.role} style={place(from, to, seconds)} />;
      })}
    </span>
  );
}

function Gaps({ call, seconds }: { call: Call; seconds: number }) {
  const { t } = useTranslation("player");
  if (seconds <= 0) return null;
  const inside = ({ from }: Span) => from >= 0 && from < seconds;
  const words = ({ from, to }: Span) =>
    to > from ? t("pauseGap", { from: clock(from), to: clock(to) }) : t("pauseCut", { at: clock(from) });
  return (
    <>
      {call.holds.filter(inside).map((hold) => (
        <span
          key={hold.from}
          className={styles.hold}
          style={place(hold.from, hold.to, seconds)}
          title={t("hold", { from: clock(hold.from), to: clock(hold.to) })}
        >
          <span>{t("holdLabel")}</span>
        </span>
      ))}
      {call.pauses.filter(inside).map((pause) => (
        <span
          key={pause.from}
          className={styles.pause}
          data-cut={pause.to <= pause.from || undefined}
          style={place(pause.from, pause.to, seconds)}
          title={words(pause)}
        >
          <span>{t("pauseLabel")}</span>
        </span>
      ))}
    </>
  );
}

/** A thin line under what one has heard. */
function Heard() {
  const { player, shown } = usePlayer();
  if (shown.seconds <= 0) return null;
  return (
    <span className={styles.heard} aria-hidden="true">
      {player.heardSpans().map(({ from, to }) => (
        <span key={from} style={place(from, to, shown.seconds)} />
      ))}
    </span>
  );
}

function Loop() {
  const { loop, seconds } = usePlayer().shown;
  if (loop.from === undefined || seconds <= 0) return null;
  const { from, to = from } = loop;
  return <span className={styles.loop} style={place(from, to, seconds)} aria-hidden="true" />;
}
