import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "../../components/Time";
import styles from "./LinkHealth.module.css";
import { type Link, useLink } from "./links";
import { OwnerPage } from "./OwnerPage";

/** How a link is: scopes, token, use of the allowance; and the page for its owner at the provider. */
export function LinkHealth({ link }: { link: Link }) {
  const { t } = useTranslation("links");
  const [open, setOpen] = useState(false);
  const full = useLink(link.id, open).data ?? link;
  const rows = facts(full, t);
  return (
    <details className={styles.health} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("health.title")}</summary>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {full.owner_page && <OwnerPage provider={full.provider_title} text={full.owner_page} />}
    </details>
  );
}

type T = (key: string, values?: Record<string, unknown>) => string;

function facts(link: Link, t: T): [string, ReactNode][] {
  const granted = link.scopes?.split(" ").filter(Boolean) ?? [];
  const lacking = (link.scopes_asked ?? []).filter((s) => granted.length > 0 && !granted.includes(s));
  const rows: [string, ReactNode][] = [
    [t("health.asked"), link.scopes_asked?.join(", ") || t("health.none")],
    [t("health.granted"), granted.length > 0 ? granted.join(", ") : t("health.notYet")],
  ];
  if (lacking.length > 0) rows.push([t("health.lacking"), <strong key="l">{lacking.join(", ")}</strong>]);
  if (link.answered_at) rows.push([t("health.answered"), <Time key="a" at={link.answered_at} />]);
  if (link.token_seconds !== undefined) rows.push([t("health.token"), age(link.token_seconds, t)]);
  if (link.token_expires_at) rows.push([t("health.tokenUntil"), <Time key="u" at={link.token_expires_at} />]);
  if (link.grant_ends_at) rows.push([t("health.grant"), <Time key="g" at={link.grant_ends_at} show="day" />]);
  const a = link.allowance;
  if (a) {
    rows.push([t("health.used"), t("health.usedOf", { used: a.limit - a.remaining, limit: a.limit })]);
    const ours = Math.floor(a.share * a.limit);
    rows.push([
      t("health.share"),
      t("health.shareOf", { used: a.background, ours, percent: Math.round(a.share * 100) }),
    ]);
  }
  return rows;
}

function age(seconds: number, t: T): string {
  if (seconds < 120) return t("health.seconds", { n: Math.round(seconds) });
  if (seconds < 7200) return t("health.minutes", { n: Math.round(seconds / 60) });
  return t("health.hours", { n: Math.round(seconds / 3600) });
}
