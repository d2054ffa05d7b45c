import { useTranslation } from "react-i18next";
import styles from "./Happening.module.css";
import { Moment } from "./Moment";
import type { EventPart, MissingPart, OtherPart } from "./parts";
import { useThreadTools } from "./ThreadContext";
import type { Known } from "./thread";

/** An event: one muted line with seconds, since the order of events is often within a minute. */
export function Happening({ part, time, actor }: { part: EventPart; time: number; actor: Known }) {
  const { t } = useTranslation("conversation");
  const label = t(`event.${part.event}`, { defaultValue: part.event.replaceAll("_", " ") });
  const native = part.native && part.event === "other" ? part.native : undefined;
  const who = actor.name ?? (part.actor ? t(`nobody.${actor.role}`) : undefined);
  const rest = [part.text ? undefined : native, who, part.link && t("from", { link: part.link })].filter(Boolean);
  return (
    <p className={styles.line}>
      <Moment time={time} seconds className={styles.time} />
      <span className={styles.what}>{native && part.text ? native : label}</span>
      {part.text && (
        <span className={styles.text} dir="auto" data-find>
          {part.text}
        </span>
      )}
      {rest.length > 0 && <span className={styles.rest}>{rest.join(" · ")}</span>}
    </p>
  );
}

/** A part of a type that a newer gateway sends; said, never dropped. */
export function Unknown({ part, time }: { part: OtherPart; time: number }) {
  return (
    <p className={styles.line}>
      <Moment time={time} seconds className={styles.time} />
      <span className={styles.what}>{part.native.replaceAll("_", " ")}</span>
      {part.text && (
        <span className={styles.text} dir="auto" data-find>
          {part.text}
        </span>
      )}
    </p>
  );
}

/** What the interaction has and we cannot get, at the place where it would stand, with the reason. */
export function Missing({ part }: { part: MissingPart }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  const reason = t(`missing.${part.reason}`, { provider, defaultValue: part.reason });
  return (
    <p className={styles.missing} title={reason}>
      <span className={styles.what}>{t("missing.what", { what: part.what.replaceAll("_", " ") })}</span>
      <span className={styles.say} data-find>
        {part.say || reason}
      </span>
      {part.link && <span className={styles.rest}>{t("from", { link: part.link })}</span>}
    </p>
  );
}
