import { memo } from "react";
import { Happening, Missing, Unknown } from "./Happening";
import { Message } from "./Message";
import type { PersonPart, TranscriptPart } from "./parts";
import { Recording } from "./Recording";
import styles from "./Row.module.css";
import { useThreadTools } from "./ThreadContext";
import { type Entry, knownAs } from "./thread";

export type RowProps = {
  entry: Entry;
  index: number;
  count: number;
  /** Set on the first row of a day. */
  newDay: boolean;
  /** Who wrote or did it, as far as a person part has said. */
  person: PersonPart | undefined;
  lines: readonly TranscriptPart[] | undefined;
  people: ReadonlyMap<string, PersonPart> | undefined;
  /** The one row that Tab reaches. */
  current: boolean;
  linked: boolean;
  /** The row holds the hit one has gone to: nothing of it stays folded. */
  whole: boolean;
  attach: (element: HTMLElement | null) => void;
};

/** One row of the feed. It is drawn again only when something that it shows has changed. */
export const Row = memo(function Row(props: RowProps) {
  const { entry, index, count, newDay, current, attach } = props;
  return (
    <article
      ref={attach}
      className={styles.row}
      data-index={index}
      data-key={entry.key}
      data-type={entry.part.type}
      aria-posinset={index + 1}
      aria-setsize={count}
      tabIndex={current ? 0 : -1}
    >
      {newDay && <Day time={entry.time} />}
      <Part {...props} />
    </article>
  );
});

function Day({ time }: { time: number }) {
  const { clock } = useThreadTools();
  return <p className={styles.day}>{clock.day(new Date(time))}</p>;
}

function Part({ entry, person, lines, people, linked, whole }: RowProps) {
  const { key, time, part } = entry;
  switch (part.type) {
    case "message":
      return (
        <Message
          part={part}
          rowKey={key}
          time={time}
          author={knownAs(part.author, person)}
          linked={linked}
          whole={whole}
        />
      );
    case "event":
      return <Happening part={part} time={time} actor={knownAs(part.actor, person)} />;
    case "recording": {
      const speaker = (line: TranscriptPart) =>
        knownAs(line.speaker, people?.get(`${line.link ?? ""}:${line.speaker?.id ?? ""}`));
      return <Recording part={part} rowKey={key} time={time} lines={lines ?? []} speaker={speaker} whole={whole} />;
    }
    case "missing":
      return <Missing part={part} />;
    default:
      return <Unknown part={part} time={time} />;
  }
}
