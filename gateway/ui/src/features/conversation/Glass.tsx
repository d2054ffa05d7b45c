import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hit } from "./find";
import styles from "./Glass.module.css";
import { type Band, bandsOf, daysOf, levelOf, pathOf } from "./glass";
import { useThreadTools } from "./ThreadContext";
import { type Entry, knownAs, personOf, type Thread } from "./thread";
import type { ThreadScroll } from "./useThreadScroll";

type Props = {
  thread: Thread;
  scroll: ThreadScroll;
  bytes: number;
  complete: boolean;
  hits: readonly Hit[];
  controls: string;
};

/**
 * The sight glass: scrollbar, map and time axis of the thread in six pixels. It fills with the bytes
 * that have arrived, stands still at the end, and drains when one leaves.
 */
export function Glass({ thread, scroll, bytes, complete, hits, controls }: Props) {
  const { t } = useTranslation("conversation");
  const { clock } = useThreadTools();
  const tube = useRef<HTMLDivElement>(null);
  const level = levelOf(bytes, complete);
  const thumb = useThumb(scroll, level, thread.entries.length);
  const [pointed, setPointed] = useState<{ y: number; entry: Entry }>();
  useDrain(tube);

  const to = (event: PointerEvent) => {
    const box = tube.current?.getBoundingClientRect();
    const area = scroll.scroller.current;
    if (!box || !area) return;
    const share = Math.min(1, Math.max(0, (event.clientY - box.top) / Math.max(1, box.height * level)));
    if (event.buttons & 1) area.scrollTop = share * scroll.virtualizer.getTotalSize() - area.clientHeight / 2;
    const entry = thread.entries[rowAtShare(scroll, share)];
    setPointed(entry && Number.isFinite(entry.time) ? { y: event.clientY - box.top, entry } : undefined);
  };
  const key = (event: KeyboardEvent) => {
    const area = scroll.scroller.current;
    const by = area ? steps(area)[event.key] : undefined;
    if (!area || by === undefined) return;
    event.preventDefault();
    area.scrollTop += by;
  };
  return (
    <div
      ref={tube}
      className={styles.tube}
      role="scrollbar"
      aria-label={t("glass.label")}
      aria-controls={controls}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
      tabIndex={0}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture?.(event.pointerId);
        to(event);
      }}
      onPointerMove={to}
      onPointerLeave={() => setPointed(undefined)}
    >
      <div className={styles.liquid} style={{ height: `${level * 100}%` }}>
        <GlassMap thread={thread} scroll={scroll} hits={hits} />
      </div>
      <div className={styles.thumb} ref={thumb} />
      {pointed && (
        <span className={styles.time} style={{ top: pointed.y }} aria-hidden>
          {clock.day(new Date(pointed.entry.time))} {clock.minute(new Date(pointed.entry.time))}
        </span>
      )}
    </div>
  );
}

function GlassMap({ thread, scroll, hits }: { thread: Thread; scroll: ThreadScroll; hits: readonly Hit[] }) {
  const { entries, people } = thread;
  const total = scroll.virtualizer.getTotalSize();
  const rows = scroll.virtualizer.measurementsCache;
  const { bands, days } = useMemo(() => {
    const kindOf = (entry: Entry) => kind(entry, { people });
    return { bands: bandsOf(entries, rows, total, kindOf), days: daysOf(entries, rows, total) };
  }, [entries, people, rows, total]);
  const found = [...new Set(hits.map((hit) => hit.row))];
  return (
    <svg className={styles.map} viewBox="0 0 6 1000" preserveAspectRatio="none" aria-hidden="true">
      {(["agent", "customer", "internal", "other"] as const).map((name) => (
        <path key={name} data-kind={name} d={pathOf(bands, name)} />
      ))}
      <path data-kind="day" d={days.map((y) => `M-4 ${y.toFixed(1)}h4`).join("")} />
      <path
        data-kind="hit"
        d={found.map((row) => `M6 ${(((rows[row]?.start ?? 0) / Math.max(1, total)) * 1000).toFixed(1)}h4`).join("")}
      />
    </svg>
  );
}

function kind(entry: Entry, thread: Pick<Thread, "people">): Band["kind"] {
  const { part } = entry;
  if (part.type !== "message") return "other";
  if (part.visibility === "internal") return "internal";
  const { role } = knownAs(part.author, personOf(thread, part.author, part.link));
  return role === "agent" || role === "customer" ? role : "other";
}

/** The thumb follows the scroll position without a render; the value for screen readers as well. */
function useThumb(scroll: ThreadScroll, level: number, rows: number) {
  const thumb = useRef<HTMLDivElement>(null);
  const move = useRef<() => void>(() => undefined);
  move.current = () => {
    const area = scroll.scroller.current;
    const bar = thumb.current;
    const tube = bar?.parentElement;
    if (!area || !bar || !tube) return;
    // The map shows the rows, so the thumb is measured against them; what stands below is not on it.
    const all = Math.max(1, scroll.virtualizer.getTotalSize());
    const full = tube.clientHeight * level;
    const height = Math.min(full, Math.max(24, full * Math.min(1, area.clientHeight / all)));
    bar.style.height = `${height}px`;
    bar.style.transform = `translateY(${Math.min(full - height, (full * area.scrollTop) / all)}px)`;
    bar.hidden = all <= area.clientHeight + 1;
    const share = area.scrollTop / Math.max(1, area.scrollHeight - area.clientHeight);
    tube.setAttribute("aria-valuenow", String(Math.round(Math.min(1, share) * 100)));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number of rows and the level move the thumb
  useLayoutEffect(() => move.current(), [rows, level]);
  useEffect(() => {
    const area = scroll.scroller.current;
    const run = () => move.current();
    const observer = new ResizeObserver(run);
    if (area) observer.observe(area);
    if (area?.firstElementChild) observer.observe(area.firstElementChild);
    area?.addEventListener("scroll", run, { passive: true });
    return () => {
      observer.disconnect();
      area?.removeEventListener("scroll", run);
    };
  }, [scroll.scroller]);
  return thumb;
}

/** When the page is left the liquid runs out. What drains is an empty box: the content is already gone. */
function useDrain(tube: React.RefObject<HTMLDivElement | null>) {
  useLayoutEffect(() => {
    const element = tube.current;
    return () => {
      const box = element?.querySelector(`.${styles.liquid}`)?.getBoundingClientRect();
      if (!box || box.height === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      const ghost = document.createElement("div");
      ghost.className = styles.ghost ?? "";
      Object.assign(ghost.style, { left: `${box.left}px`, top: `${box.top}px`, height: `${box.height}px` });
      document.body.append(ghost);
      const drain = ghost.animate?.([{ transform: "none" }, { transform: "scaleY(0)" }], {
        duration: 180,
        easing: "ease-in",
      });
      if (drain) drain.onfinish = () => ghost.remove();
      else ghost.remove();
    };
  }, [tube]);
}

function rowAtShare(scroll: ThreadScroll, share: number): number {
  const offset = share * scroll.virtualizer.getTotalSize();
  const rows = scroll.virtualizer.measurementsCache;
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function steps(area: HTMLElement): Record<string, number> {
  const page = area.clientHeight - 42;
  return {
    ArrowUp: -42,
    ArrowDown: 42,
    PageUp: -page,
    PageDown: page,
    Home: -area.scrollHeight,
    End: area.scrollHeight,
  };
}
