import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Attachments } from "./Attachments";
import { AuthorLine } from "./AuthorLine";
import { MailFrame } from "./MailFrame";
import styles from "./Message.module.css";
import { type Mail, parseMail } from "./mail";
import { PlainText } from "./PlainText";
import type { MessagePart } from "./parts";
import { SimpleMail } from "./SimpleMail";
import { useRemembered, useThreadTools } from "./ThreadContext";
import type { Known } from "./thread";

type Props = { part: MessagePart; rowKey: string; time: number; author: Known; linked: boolean; whole: boolean };

/** A message: who and when, what was written, and everything the provider says about its worth. */
export function Message({ part, rowKey, time, author, linked, whole }: Props) {
  const { t } = useTranslation("conversation");
  const [plain, setPlain] = useRemembered(`${rowKey}#plain`, false);
  const mail = useMemo(() => (part.html ? parseMail(part.html) : undefined), [part.html]);
  const text = part.text ?? mail?.text ?? "";
  const name = author.name ?? t(`nobody.${author.role}`);
  const kind = part.visibility === "internal" ? "internal" : author.role;
  return (
    <div className={styles.message} data-kind={kind} data-linked={linked || undefined}>
      <AuthorLine part={part} author={author} name={name} time={time} linked={linked}>
        {mail?.look === "rich" && (
          <button type="button" className={styles.action} onClick={() => setPlain(!plain)}>
            {plain ? t("showFormatted") : t("showPlain")}
          </button>
        )}
      </AuthorLine>
      <Remarks remarks={useDoubts(part)} className={styles.doubt} />
      <Body mail={plain ? undefined : mail} text={text} name={name} rowKey={rowKey} whole={whole} />
      <Remarks remarks={useLosses(part)} />
      {part.attachments && part.attachments.length > 0 && (
        <Attachments files={shownFiles(part, plain ? undefined : mail)} messageKey={rowKey} />
      )}
    </div>
  );
}

type BodyProps = { mail: Mail | undefined; text: string; name: string; rowKey: string; whole: boolean };

function Body({ mail, text, name, rowKey, whole }: BodyProps) {
  const { t } = useTranslation("conversation");
  if (mail?.look === "rich") return <MailFrame html={mail.html} name={name} memoryKey={rowKey} />;
  if (mail && mail.text !== "") return <SimpleMail blocks={mail.blocks} />;
  if (text !== "") return <PlainText text={text} memoryKey={rowKey} whole={whole} />;
  return <p className={styles.remark}>{t("empty")}</p>;
}

/** What the provider doubts about the author; said before one reads what was written. */
function useDoubts(part: MessagePart): string[] {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  return (part.warnings ?? []).map((warning) => t(`warning.${warning}`, { provider, defaultValue: warning }));
}

/** What of the message cannot be seen here. */
function useLosses(part: MessagePart): string[] {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  return [
    ...(part.redacted ? [t("redacted", { provider })] : []),
    ...(part.truncated ? [t("truncated")] : []),
    ...(part.remote_images ? [t("remoteImages", { count: part.remote_images })] : []),
  ];
}

function Remarks({ remarks, className = "" }: { remarks: readonly string[]; className?: string | undefined }) {
  return remarks.map((remark) => (
    <p key={remark} className={`${styles.remark} ${className}`}>
      {remark}
    </p>
  ));
}

/** Files that the formatted mail shows where they belong are not listed below it as well. */
function shownFiles(part: MessagePart, mail: Mail | undefined) {
  const files = part.attachments ?? [];
  if (!mail) return files;
  return files.filter((file) => !(file.inline && file.handle && part.html?.includes(file.handle)));
}
