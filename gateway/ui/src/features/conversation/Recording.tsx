import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { isTimed, useListening, usePlayhead } from "../../components/listening";
import { Moment } from "./Moment";
import type { RecordingPart, TranscriptPart } from "./parts";
import styles from "./Recording.module.css";
import { useRemembered, useThreadTools } from "./ThreadContext";
import type { Known } from "./thread";
import { length } from "./times";

type Props = {
  part: RecordingPart;
  rowKey: string;
  time: number;
  lines: readonly TranscriptPart[];
  speaker: (line: TranscriptPart) => Known;
  whole: boolean;
};

const linesAtOnce = 4;

/** A call in the thread: a short strip whose playhead is the dock's, and its transcript. */
export function Recording({ part, rowKey, time, lines, speaker, whole }: Props) {
  const { t } = useTranslation("conversation");
  const { handles, clock } = useThreadTools();
  const [all, setAll] = useRemembered(`${rowKey}#lines`, false);
  const handle = handles.get(rowKey) ?? part.handle;
  const at = Number.isFinite(time) ? clock.minute(new Date(time)) : part.id;
  const shown = all || whole ? lines : lines.slice(0, linesAtOnce);
  const timed = isTimed(lines);
  return (
    <section className={styles.strip} aria-label={t("recording.of", { time: at })}>
      <p className={styles.head}>
        <Moment time={time} className={styles.time} />
        <span className={styles.title}>{t(part.voicemail ? "recording.voicemail" : "recording.title")}</span>
        <span className={styles.facts}>{useFacts(part).join(" · ")}</span>
      </p>
      {handle ? (
        <Strip
          rowKey={rowKey}
          at={at}
          seconds={part.seconds}
          lines={timed ? lines : []}
          speaker={speaker}
          onPlay={() => setAll(true)}
        />
      ) : (
        <p className={styles.none}>{t("recording.none")}</p>
      )}
      {timed && <Transcript lines={shown} rowKey={rowKey} speaker={speaker} heard={handle !== undefined} />}
      {!timed &&
        lines.map((line) => (
          <p key={line.from} className={styles.text} dir="auto" data-find>
            {line.text}
          </p>
        ))}
      {shown.length < lines.length && (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          {t("recording.lines", { count: lines.length })}
        </button>
      )}
    </section>
  );
}

function useFacts(part: RecordingPart): string[] {
  const { t } = useTranslation("conversation");
  return [
    part.seconds === undefined ? "" : length(part.seconds),
    part.media_type ?? "",
    part.leg ? t("recording.leg", { leg: part.leg }) : "",
    ...(part.channels ?? []).map((channel) => t(`recording.${channel.side}`, { role: t(`role.${channel.role}`) })),
    ...(part.pauses ?? []).map(({ from, to }) =>
      to > from
        ? t("recording.paused", { from: length(from), to: length(to) })
        : t("recording.cut", { at: length(from) }),
    ),
    part.completeness === "unknown" ? t("recording.uncertain") : "",
    part.link ? t("from", { link: part.link }) : "",
  ].filter((fact) => fact !== "");
}

type StripProps = Pick<Props, "rowKey" | "lines" | "speaker"> & {
  at: string;
  seconds: number | undefined;
  onPlay: () => void;
};

/** Who spoke when, from the transcript, and where the dock plays. A press goes there; keys use the dock. */
function Strip({ rowKey, at, seconds, lines, speaker, onPlay }: StripProps) {
  const { t } = useTranslation("conversation");
  const listening = useListening();
  const head = usePlayhead(rowKey);
  const whole = seconds ?? head.seconds;
  const go = (event: PointerEvent<HTMLElement>) => {
    const edges = event.currentTarget.getBoundingClientRect();
    if (event.button === 0 && whole > 0) listening.seek(rowKey, ((event.clientX - edges.left) / edges.width) * whole);
  };
  const toggle = () => {
    if (!head.playing) onPlay();
    listening.toggle(rowKey);
  };
  const share = (second: number) => `${Math.max(0, Math.min(100, (second / whole) * 100))}%`;
  return (
    <div className={styles.line}>
      <Button
        className={styles.play}
        aria-label={t(head.playing ? "recording.pause" : "recording.play", { time: at })}
        onClick={toggle}
      >
        {head.playing ? (
          <IconPlayerPauseFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPlayFilled size={16} aria-hidden />
        )}
      </Button>
      <div className={styles.bar} onPointerDown={go} aria-hidden="true">
        {whole > 0 &&
          lines.map((line, index) => (
            <span
              key={`${line.from} ${line.speaker?.id}`}
              className={styles.turn}
              data-kind={speaker(line).role}
              style={{
                left: share(line.from),
                right: `calc(100% - ${share(line.to ?? lines[index + 1]?.from ?? whole)})`,
              }}
            />
          ))}
        {head.key !== undefined && whole > 0 && (
          <span className={styles.playhead} style={{ left: share(head.second) }} />
        )}
      </div>
      <span className={styles.at}>{head.key === undefined ? "" : length(head.second)}</span>
    </div>
  );
}

type TranscriptProps = Pick<Props, "lines" | "rowKey" | "speaker"> & { heard: boolean };

/** The words beside the sound: the line that is heard is lit, and its time plays from there. */
function Transcript({ lines, rowKey, speaker, heard }: TranscriptProps) {
  const { t } = useTranslation("conversation");
  const { playFrom } = useListening();
  const head = usePlayhead(rowKey);
  const lit = useFollowed(head.playing ? head.line : undefined);
  return (
    <ol className={styles.lines} ref={lit}>
      {lines.map((line, index) => {
        const who = speaker(line);
        const now = head.key !== undefined && head.line === index;
        return (
          <li key={`${line.from} ${line.speaker?.id}`} data-kind={who.role} aria-current={now || undefined}>
            {heard ? (
              <button
                type="button"
                className={styles.at}
                aria-label={t("recording.playFrom", { time: length(line.from) })}
                onClick={() => playFrom(rowKey, line.from)}
              >
                {length(line.from)}
              </button>
            ) : (
              <span className={styles.at}>{length(line.from)}</span>
            )}
            <bdi className={styles.who}>{who.name ?? t(`nobody.${who.role}`)}</bdi>
            <span dir="auto" data-find>
              {line.text}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** Keeps the lit line in view as long as the one before it was: who scrolls away is left alone. */
function useFollowed(line: number | undefined) {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef<number>(undefined);
  useEffect(() => {
    const [last, now] = [before.current, line];
    before.current = line;
    if (now === undefined || last === undefined || now === last) return;
    const rows = list.current?.children;
    if (rows?.[last] && inView(rows[last])) rows[now]?.scrollIntoView({ block: "nearest" });
  }, [line]);
  return list;
}

function inView(row: Element): boolean {
  const pane = row.closest("[role=feed]")?.closest("section")?.getBoundingClientRect();
  const { top, bottom } = row.getBoundingClientRect();
  return pane !== undefined && bottom > pane.top && top < pane.bottom;
}
