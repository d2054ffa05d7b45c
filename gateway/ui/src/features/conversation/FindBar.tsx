import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import styles from "./FindBar.module.css";
import type { Find } from "./useFind";

type Props = { find: Find; onGo: (by: 1 | -1) => void; onClose: () => void };

/** The thread's own search: the browser's cannot see rows that are not drawn. */
export function FindBar({ find, onGo, onClose }: Props) {
  const { t } = useTranslation("conversation");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") onGo(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const none = find.hits.length === 0;
  return (
    <search className={styles.bar} onKeyDown={key}>
      <input
        ref={input}
        className={styles.words}
        type="text"
        aria-label={t("find.label")}
        placeholder={t("find.label")}
        value={find.words}
        onChange={(event) => find.setWords(event.target.value)}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
      />
      <output className={styles.count}>{countOf(find, t)}</output>
      <Button
        kind="bare"
        aria-label={t("find.previous")}
        title={t("find.previous")}
        disabled={none}
        onClick={() => onGo(-1)}
      >
        <IconChevronUp size={16} stroke={1.5} aria-hidden />
      </Button>
      <Button kind="bare" aria-label={t("find.next")} title={t("find.next")} disabled={none} onClick={() => onGo(1)}>
        <IconChevronDown size={16} stroke={1.5} aria-hidden />
      </Button>
      <Button kind="bare" aria-label={t("find.close")} title={t("find.close")} onClick={onClose}>
        <IconX size={16} stroke={1.5} aria-hidden />
      </Button>
    </search>
  );
}

function countOf(find: Find, t: (key: string, values?: Record<string, unknown>) => string): string {
  if (find.words.trim() === "") return "";
  if (find.hits.length === 0) return t("find.none");
  return t("find.count", { now: find.at === undefined ? "–" : find.at + 1, of: find.hits.length });
}
