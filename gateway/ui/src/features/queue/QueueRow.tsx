import { memo } from "react";
import { useTranslation } from "react-i18next";
import styles from "./QueueRow.module.css";
import type { Row } from "./stream";

type Props = {
  row: Row;
  agent: string | undefined;
  href: string;
  here: boolean;
  /** The one row that Tab reaches. */
  stop: boolean;
  onOpen: (row: Row) => void;
};

/** Two lines of what is known without opening: when, through what and how it stands; who served, which, and who has looked. */
export const QueueRow = memo(function QueueRow({ row, agent, href, here, stop, onOpen }: Props) {
  const { t } = useTranslation("queue");
  const { ref, at, channel, status, csat, tags, opened } = row;
  return (
    <li className={styles.item}>
      <a
        className={styles.row}
        href={href}
        aria-current={here ? "true" : undefined}
        tabIndex={stop ? 0 : -1}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
          event.preventDefault();
          onOpen(row);
        }}
      >
        <span className={styles.line}>
          {at && <time dateTime={at}>{moment(at)}</time>}
          <span className={styles.what}>{[channel, status].filter(Boolean).join(" · ")}</span>
          {csat && <span className={styles.csat}>{csat}</span>}
        </span>
        <span className={styles.line}>
          <code>{ref.id}</code>
          <span className={styles.who}>{agent ?? row.agent?.name ?? row.agent?.id ?? t("agentUnknown")}</span>
          {opened ? (
            <span className={styles.opened}>
              {opened.you && t("you", { when: moment(opened.you) })}
              {opened.you && opened.colleague && ", "}
              {opened.colleague && t("colleague", { when: moment(opened.colleague) })}
            </span>
          ) : (
            tags && <span className={styles.tags}>{tags.join(" ")}</span>
          )}
        </span>
      </a>
    </li>
  );
});

/** "24/11 14:02", in the viewer's zone; today only the time. */
function moment(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const clock = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date().toDateString()) return clock;
  return `${date.toLocaleDateString(undefined, { day: "2-digit", month: "2-digit" })} ${clock}`;
}
