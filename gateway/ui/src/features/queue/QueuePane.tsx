import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/problem";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/CopyButton";
import { Choice } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import { useShortcuts } from "../../components/shortcuts";
import { Chips, chipWords } from "./Chips";
import { DrawForm } from "./DrawForm";
import { FilterForm } from "./FilterForm";
import { chipsOf, drawnFrom, drawOf, type QueueSearch, requestOf, type Typed, undrawn, without } from "./filter";
import styles from "./QueuePane.module.css";
import { QueueRow } from "./QueueRow";
import { keyOf, type Queue } from "./store";
import type { Row } from "./stream";
import { useFilters, useQueue } from "./useQueue";

export type Reason = "list" | "draw";

type Props = {
  /** The links that can be listed. */
  links: readonly Schemas["Link"][];
  search: QueueSearch;
  /** "ticket/5012": what is open beside the queue, of the same link. */
  open: string | undefined;
  hrefOf: (row: Row) => string;
  onSearch: (search: QueueSearch) => void;
  onOpen: (row: Row, reason: Reason) => void;
  onClose: () => void;
};

/** What can be reviewed, live from one provider. What a person types lives here, and in no address. */
export function QueuePane(props: Props) {
  const { t } = useTranslation("queue");
  const { links, search, onSearch, onClose } = props;
  const [typed, setTyped] = useState<Typed>({});
  const link = links.find((l) => l.id === search.list);
  return (
    <aside className={styles.pane} aria-label={t("title")} data-open={props.open !== undefined}>
      <header className={styles.head}>
        <h2>{t("title")}</h2>
        {links.length > 1 ? (
          <Choice
            label={t("source")}
            value={search.list}
            options={links.map((l) => ({ value: l.id, label: l.title || l.provider_title }))}
            onChange={(event) => onSearch({ list: event.currentTarget.value })}
          />
        ) : (
          <span className={styles.source}>{link?.title || link?.provider_title}</span>
        )}
        <Button kind="bare" aria-label={t("close")} title={t("close")} onClick={onClose}>
          <IconX size={16} stroke={1.5} aria-hidden />
        </Button>
      </header>
      {link && (
        <List
          {...props}
          key={JSON.stringify([Object.entries(search).sort(), typed])}
          link={link}
          typed={typed}
          onFilter={(next, words) => {
            setTyped(words);
            onSearch(next);
          }}
        />
      )}
    </aside>
  );
}

type ListProps = Props & {
  link: Schemas["Link"];
  typed: Typed;
  onFilter: (search: QueueSearch, typed: Typed) => void;
};

function List({ link, search, typed, open, hrefOf, onOpen, onFilter }: ListProps) {
  const { t } = useTranslation("queue");
  const draw = drawOf(search);
  const [filter] = useState(() => requestOf(search, typed, new Date()));
  const { queue, store } = useQueue({ link: link.id, filter, draw });
  const filters = useFilters(link.id);
  const [form, setForm] = useState<"filter" | "draw">();
  const provider = link.provider_title;
  const chips = chipsOf(search, typed);
  const remove = (key: string) =>
    onFilter(without(undrawn(search), key), { ...typed, ...(key === "text" || key === "person" ? { [key]: "" } : {}) });
  const start = (row: Row) => {
    store.opened(keyOf(row), new Date().toISOString());
    onOpen(row, draw ? "draw" : "list");
  };
  return (
    <>
      <Chips
        chips={chips}
        choices={filters.data}
        provider={provider}
        progress={readWords(queue, t)}
        onRemove={(chip) => remove(chip.key)}
      />
      <div className={styles.tools}>
        <Button aria-expanded={form === "filter"} onClick={() => setForm(form === "filter" ? undefined : "filter")}>
          {t(form === "filter" ? "addClose" : "add")}
        </Button>
        <Button aria-expanded={form === "draw"} onClick={() => setForm(form === "draw" ? undefined : "draw")}>
          {t(form === "draw" ? "drawClose" : "draw")}
        </Button>
      </div>
      <div className={styles.scroll} onScroll={(event) => nearEnd(event.currentTarget) && store.more()} tabIndex={-1}>
        {form === "filter" && filters.error && (
          <ProblemNote problem={filters.error} onRetry={() => void filters.refetch()} />
        )}
        {form === "filter" && filters.data && (
          <FilterForm search={search} typed={typed} choices={filters.data} onApply={onFilter} />
        )}
        {form === "draw" && (
          <DrawForm draw={draw} onDraw={({ n, seed }) => onFilter(drawnFrom(search, n, seed, new Date()), typed)} />
        )}
        {draw && (
          <div className={styles.drawn}>
            <p>
              {t("random.made", { count: queue.rows.length })}, {t("random.withSeed")} <code>{draw.seed}</code>
              <CopyButton bare text={draw.seed} label={t("random.copySeed")} />
            </p>
            <Button onClick={() => onFilter(undrawn(search), typed)}>{t("random.back")}</Button>
          </div>
        )}
        <Rows queue={queue} open={open} hrefOf={hrefOf} onOpen={start} />
        {queue.problem && (
          <ProblemNote
            problem={queue.problem}
            onRetry={queue.problem.code === "cursor_expired" || !queue.next ? store.load : () => store.again()}
          />
        )}
        {queue.state === "idle" && queue.rows.length === 0 && (
          <div className={styles.empty}>
            <p>{t("empty", { filters: chips.map((chip) => chipWords(chip, filters.data, t)).join(", ") })}</p>
            {chips
              .filter((chip) => chip.name !== "dates")
              .map((chip) => (
                <Button key={chip.key} onClick={() => remove(chip.key)}>
                  {t("remove", { filter: chipWords(chip, filters.data, t) })}
                </Button>
              ))}
            <Button onClick={() => onFilter({ ...without(undrawn(search), "days"), days: "30" }, typed)}>
              {t("emptyWider")}
            </Button>
          </div>
        )}
        {queue.missing.map((say) => (
          <p key={say} className={styles.missing}>
            {say}
          </p>
        ))}
        <p className={styles.foot} aria-live="polite">
          {footWords(queue, t)}
          {queue.state === "idle" && queue.next && <Button onClick={store.more}>{t("more")}</Button>}
        </p>
      </div>
    </>
  );
}

function nearEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 400;
}

type Words = ReturnType<typeof useTranslation<"queue">>["t"];

function readWords({ scanned, of }: Queue, t: Words): string {
  if (scanned === 0) return "";
  const read = scanned.toLocaleString();
  return of && of > scanned ? t("readOf", { scanned: read, of: of.toLocaleString() }) : t("read", { count: scanned });
}

function footWords(queue: Queue, t: Words): string {
  if (queue.state === "reading") return [t("reading"), readWords(queue, t)].filter(Boolean).join(" · ");
  if (queue.rows.length === 0) return "";
  const shown = t("shown", { shown: queue.rows.length.toLocaleString() });
  return queue.of ? `${shown} · ${t("fits", { count: queue.of })}` : shown;
}

type RowsProps = { queue: Queue; open: string | undefined; hrefOf: (row: Row) => string; onOpen: (row: Row) => void };

/** One stop for Tab; arrows go from row to row, Enter opens. */
function Rows({ queue, open, hrefOf, onOpen }: RowsProps) {
  const { t } = useTranslation("queue");
  const list = useRef<HTMLOListElement>(null);
  const [at, setAt] = useState(0);
  const { rows, names } = queue;
  const opened = rows.findIndex((row) => keyOf(row) === open);
  const stop = Math.min(at, Math.max(0, rows.length - 1));
  useEffect(() => {
    if (opened >= 0) setAt(opened);
  }, [opened]);
  const focusOn = (n: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, n));
    setAt(next);
    list.current?.querySelectorAll<HTMLElement>("a")[next]?.focus();
  };
  const openAt = (n: number) => {
    const row = rows[n];
    if (!row) return;
    focusOn(n);
    onOpen(row);
  };
  useShortcuts(t("keys.title"), [
    { keys: ["q"], does: t("keys.focus"), run: () => focusOn(stop) },
    { keys: ["."], does: t("keys.next"), run: () => openAt(opened + 1) },
    { keys: [","], does: t("keys.previous"), run: () => openAt(opened - 1) },
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const here = [...(list.current?.querySelectorAll("a") ?? [])].indexOf(document.activeElement as HTMLAnchorElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    focusOn(to);
  };
  return (
    <ol
      ref={list}
      className={styles.rows}
      aria-label={t("list")}
      aria-busy={queue.state === "reading"}
      onKeyDown={onKeyDown}
    >
      {rows.map((row, n) => (
        <QueueRow
          key={keyOf(row)}
          row={row}
          agent={row.agent?.id ? names.get(row.agent.id) : undefined}
          href={hrefOf(row)}
          here={n === opened}
          stop={n === stop}
          onOpen={onOpen}
        />
      ))}
    </ol>
  );
}
