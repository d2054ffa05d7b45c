import { useTranslation } from "react-i18next";
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

/** A call in the thread: a short strip with the browser's own player, and its transcript. */
export function Recording({ part, rowKey, time, lines, speaker, whole }: Props) {
  const { t } = useTranslation("conversation");
  const { handles, clock } = useThreadTools();
  const handle = handles.get(rowKey) ?? part.handle;
  const at = Number.isFinite(time) ? clock.minute(new Date(time)) : part.id;
  return (
    <section className={styles.strip} aria-label={t("recording.play", { time: at })}>
      <p className={styles.head}>
        <Moment time={time} className={styles.time} />
        <span className={styles.title}>{t(part.voicemail ? "recording.voicemail" : "recording.title")}</span>
        <span className={styles.facts}>{useFacts(part).join(" · ")}</span>
      </p>
      {handle ? (
        // biome-ignore lint/a11y/useMediaCaption: the transcript, where there is one, stands below
        <audio
          className={styles.audio}
          controls
          preload="none"
          controlsList="nodownload"
          src={`/api/v1/media/${handle}`}
          aria-label={t("recording.play", { time: at })}
        />
      ) : (
        <p className={styles.none}>{t("recording.none")}</p>
      )}
      {lines.length > 0 && <Transcript lines={lines} rowKey={rowKey} speaker={speaker} whole={whole} />}
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
    ...(part.pauses ?? []).map(({ from, to }) => t("recording.paused", { from: length(from), to: length(to) })),
    part.completeness === "unknown" ? t("recording.uncertain") : "",
    part.link ? t("from", { link: part.link }) : "",
  ].filter((fact) => fact !== "");
}

type TranscriptProps = Pick<Props, "lines" | "rowKey" | "speaker" | "whole">;

function Transcript({ lines, rowKey, speaker, whole }: TranscriptProps) {
  const { t } = useTranslation("conversation");
  const [all, setAll] = useRemembered(`${rowKey}#lines`, false);
  const shown = all || whole ? lines : lines.slice(0, linesAtOnce);
  return (
    <>
      <ol className={styles.lines}>
        {shown.map((line) => {
          const who = speaker(line);
          return (
            <li key={`${line.from} ${line.speaker?.id}`} data-kind={who.role}>
              <span className={styles.at}>{length(line.from)}</span>
              <bdi className={styles.who}>{who.name ?? t(`nobody.${who.role}`)}</bdi>
              <span dir="auto" data-find>
                {line.text}
              </span>
            </li>
          );
        })}
      </ol>
      {shown.length < lines.length && (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          {t("recording.lines", { count: lines.length })}
        </button>
      )}
    </>
  );
}
