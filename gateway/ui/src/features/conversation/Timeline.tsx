import type { KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Hit } from "./find";
import { Row } from "./Row";
import styles from "./Timeline.module.css";
import { type Entry, personOf, type Thread } from "./thread";
import { dayKey } from "./times";
import type { ThreadScroll } from "./useThreadScroll";

type Props = {
  thread: Thread;
  scroll: ThreadScroll;
  /** The set's size is not known before the end. */
  complete: boolean;
  cursor: string | undefined;
  linkedKey: string | undefined;
  hit: Hit | undefined;
  onCursor: (key: string) => void;
  onStep: (by: 1 | -1) => void;
  /** What stands after the last row: lines still to come, or why none will. */
  children: ReactNode;
};

/** The thread as a feed. Above 300 rows only those near the screen are in the document. */
export function Timeline({ thread, scroll, complete, cursor, linkedKey, hit, onCursor, onStep, children }: Props) {
  const { t } = useTranslation("conversation");
  const { entries } = thread;
  const { virtualizer, windowed } = scroll;
  const drawn = windowed ? virtualizer.getVirtualItems().map((item) => item.index) : entries.map((_, index) => index);
  const offset = windowed ? (virtualizer.getVirtualItems()[0]?.start ?? 0) : 0;
  const reached = cursor !== undefined && thread.byKey.has(cursor) ? cursor : entries.find(isStop)?.key;

  const arrows = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : undefined;
    if (!by || event.target !== (event.target as HTMLElement).closest("article")) return;
    event.preventDefault();
    onStep(by);
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable without a pointer
    <section className={styles.scroller} ref={scroll.scroller} tabIndex={0} aria-label={t("conversation")}>
      <div className={styles.column}>
        <div style={windowed ? { height: virtualizer.getTotalSize() } : undefined}>
          <div
            role="feed"
            aria-busy={!complete}
            aria-label={t("conversation")}
            style={windowed ? { transform: `translateY(${offset}px)` } : undefined}
            onKeyDown={arrows}
            onFocus={(event) => {
              const key = event.target.closest<HTMLElement>("[data-key]")?.dataset.key;
              if (key) onCursor(key);
            }}
          >
            {drawn.map((index) => {
              const entry = entries[index];
              if (!entry) return null;
              return (
                <Row
                  key={entry.key}
                  entry={entry}
                  index={index}
                  count={complete ? entries.length : -1}
                  newDay={isNewDay(entries, index)}
                  person={personOf(thread, whoOf(entry), entry.part.link)}
                  lines={entry.part.type === "recording" ? thread.transcripts.get(entry.part.id) : undefined}
                  people={entry.part.type === "recording" ? thread.people : undefined}
                  current={entry.key === reached}
                  linked={entry.key === linkedKey}
                  whole={hit?.row === index}
                  attach={virtualizer.measureElement}
                />
              );
            })}
          </div>
        </div>
        {children}
      </div>
    </section>
  );
}

/** Where j and k stop: what somebody said, not what the system did. */
export function isStop(entry: Entry): boolean {
  return entry.part.type === "message" || entry.part.type === "recording";
}

function whoOf({ part }: Entry) {
  return part.type === "message" ? part.author : part.type === "event" ? part.actor : undefined;
}

function isNewDay(entries: readonly Entry[], index: number): boolean {
  const time = entries[index]?.time ?? Number.NEGATIVE_INFINITY;
  if (!Number.isFinite(time)) return false;
  const before = entries[index - 1]?.time ?? Number.NEGATIVE_INFINITY;
  return !Number.isFinite(before) || dayKey(before) !== dayKey(time);
}
