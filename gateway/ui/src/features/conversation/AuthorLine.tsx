import { IconLink } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Message.module.css";
import { Moment } from "./Moment";
import type { MessagePart } from "./parts";
import { useThreadTools } from "./ThreadContext";
import type { Known } from "./thread";

type Props = { part: MessagePart; author: Known; name: string; time: number; linked: boolean; children?: ReactNode };

/** Name, role, where it came from; the time stands in the gutter, what one can do appears at the right. */
export function AuthorLine({ part, author, name, time, linked, children }: Props) {
  const { t } = useTranslation("conversation");
  const role =
    part.visibility === "internal" ? t("internal") : author.role === "unknown" ? undefined : t(`role.${author.role}`);
  const from = [
    part.via && t("via", { via: part.via.replaceAll("_", " ") }),
    part.link && t("from", { link: part.link }),
    part.native?.replaceAll("_", " "),
  ];
  return (
    <header className={styles.author}>
      <Moment time={time} className={styles.time} />
      <bdi className={styles.name}>{name}</bdi>
      {role && author.name !== undefined && <span className={styles.role}>{role}</span>}
      {role && author.name === undefined && part.visibility === "internal" && (
        <span className={styles.role}>{role}</span>
      )}
      {from.filter(Boolean).map((origin) => (
        <span key={origin} className={styles.origin}>
          {origin}
        </span>
      ))}
      {linked && <span className={styles.linked}>{t("linked")}</span>}
      <span className={styles.actions}>
        {children}
        <CopyLink id={part.id} />
      </span>
    </header>
  );
}

function CopyLink({ id }: { id: string }) {
  const { t } = useTranslation("conversation");
  const { copyLink } = useThreadTools();
  const [copied, setCopied] = useState<boolean>();
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const said = copied === undefined ? "" : copied ? t("copied") : t("notCopied");
  return (
    <>
      <span className={styles.said} aria-hidden>
        {said}
      </span>
      <button
        type="button"
        className={styles.action}
        aria-label={t("copyLink")}
        title={t("copyLink")}
        data-action="copy"
        onClick={() => void copyLink(id).then(setCopied)}
      >
        <IconLink size={16} stroke={1.5} aria-hidden />
      </button>
    </>
  );
}
