import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/problem";
import { useSession } from "../../api/useSession";
import { Time } from "../../components/Time";
import styles from "./AuditTable.module.css";

export type Row = Schemas["AuditRow"];

interface Props {
  rows: readonly Row[];
  /** Names of people by id, as far as one may know them. */
  names: ReadonlyMap<string, string>;
}

const columns = ["seq", "at", "who", "event", "what", "outcome", "hash"] as const;

/** The rows as they are kept. On a narrow screen each cell carries its column's name. */
export function AuditTable({ rows, names }: Props) {
  const { t } = useTranslation("audit");
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {t(`column.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <AuditRow key={row.seq} row={row} names={names} />
        ))}
      </tbody>
    </table>
  );
}

function AuditRow({ row, names }: { row: Row; names: Props["names"] }) {
  const { t, i18n } = useTranslation("audit");
  const me = useSession().data?.principal;
  const event = i18n.exists(`event.${row.event}`, { ns: "audit" }) ? t(`event.${row.event}`) : row.event;
  const who = row.principal === me ? t("you") : (names.get(row.principal) ?? row.principal);
  return (
    <tr>
      <Cell column="seq" figures>
        {row.seq}
      </Cell>
      <Cell column="at">
        <Time at={row.at} />
      </Cell>
      <Cell column="who" title={row.principal}>
        {who}
        {row.principal_kind === "api_key" && <span className={styles.muted}> {t("apiKey")}</span>}
      </Cell>
      <Cell column="event">
        {event}
        {row.event === "opened" && row.reason && (
          <span className={styles.muted}> {t(`reason.${row.reason}`, row.reason)}</span>
        )}
      </Cell>
      <Cell column="what">
        <What row={row} />
      </Cell>
      <Cell column="outcome">
        {row.outcome}
        <span className={styles.muted}> {amount(row, t)}</span>
      </Cell>
      <Cell column="hash" figures title={row.hash}>
        {row.hash.slice(0, 10)}
      </Cell>
    </tr>
  );
}

interface CellProps {
  column: (typeof columns)[number];
  figures?: boolean;
  title?: string;
  children: ReactNode;
}

function Cell({ column, figures, title, children }: CellProps) {
  const { t } = useTranslation("audit");
  return (
    <td data-label={t(`column.${column}`)} className={figures ? styles.figures : undefined} title={title}>
      <span>{children}</span>
    </td>
  );
}

function What({ row }: { row: Row }) {
  const { ref } = row;
  return (
    <>
      {ref && !ref.id && <code>{ref.link}</code>}
      {ref?.id && (
        <Link to="/i/$link/$kind/$id" params={{ link: ref.link, kind: ref.kind, id: ref.id }}>
          <code>{`${ref.link} ${ref.kind} ${ref.id}`}</code>
        </Link>
      )}{" "}
      {row.thing && <code className={styles.muted}>{row.thing}</code>}{" "}
      {row.detail && <span className={styles.muted}>{row.detail}</span>}
    </>
  );
}

/** "12 messages, 3 events · 48 kB", as far as the row says. */
function amount(row: Row, t: TFunction<"audit">): string {
  const parts = Object.entries(row.parts ?? {})
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => t(`part.${kind}`, { count, defaultValue: `${count} ${kind}` }))
    .join(", ");
  const bytes = row.bytes === undefined ? "" : inBytes(row.bytes);
  return [parts, bytes].filter(Boolean).join(" · ");
}

function inBytes(bytes: number): string {
  const [value, unit] =
    bytes < 1000 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
