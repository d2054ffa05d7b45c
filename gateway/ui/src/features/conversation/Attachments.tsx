import { IconFile, IconFileOff, IconPhoto } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Attachments.module.css";
import { Preview } from "./Preview";
import type { Attachment } from "./parts";
import { useRemembered, useThreadTools } from "./ThreadContext";
import { attachmentKey } from "./thread";
import { bytes } from "./times";

const shownAtOnce = 6;

/** The files of a message, one line each. Nothing is loaded before somebody asks for it. */
export function Attachments({ files, messageKey }: { files: readonly Attachment[]; messageKey: string }) {
  const { t } = useTranslation("conversation");
  const [all, setAll] = useRemembered(`${messageKey}#files`, false);
  const shown = all || files.length <= shownAtOnce + 1 ? files : files.slice(0, shownAtOnce);
  if (files.length === 0) return null;
  return (
    <>
      <ul className={styles.files} aria-label={t("file.files")}>
        {shown.map((file) => (
          <File key={file.id} file={file} memoryKey={attachmentKey(messageKey, file)} />
        ))}
      </ul>
      {shown.length < files.length && (
        <button type="button" className={styles.all} onClick={() => setAll(true)}>
          {t("file.all", { count: files.length })}
        </button>
      )}
    </>
  );
}

function File({ file, memoryKey }: { file: Attachment; memoryKey: string }) {
  const { t } = useTranslation("conversation");
  const { handles, provider } = useThreadTools();
  const handle = handles.get(memoryKey) ?? file.handle;
  const name = file.name || t("file.unnamed", { id: file.id });
  if (file.state !== "ok" || !handle) {
    return (
      <li className={styles.file} data-state={file.state}>
        <IconFileOff size={16} stroke={1.5} aria-hidden />
        <bdi data-find>{name}</bdi>
        <Facts file={file} verdict={file.state === "ok" ? undefined : t(`file.${file.state}`, { provider })} />
      </li>
    );
  }
  const props = { file, name, handle, memoryKey };
  return isPicture(file) ? <Picture {...props} /> : <Other {...props} />;
}

type Usable = { file: Attachment; name: string; handle: string; memoryKey: string };

/** A picture opens below its line; it is the one kind that can be shown in place. */
function Picture({ file, name, handle, memoryKey }: Usable) {
  const { t } = useTranslation("conversation");
  const [open, setOpen] = useRemembered(`${memoryKey}#open`, false);
  const id = useId();
  return (
    <li className={styles.file}>
      <IconPhoto size={16} stroke={1.5} aria-hidden />
      <button
        type="button"
        className={styles.name}
        data-action="open"
        aria-expanded={open}
        aria-controls={id}
        title={t(open ? "file.hide" : "file.preview", { name })}
        onClick={() => setOpen(!open)}
      >
        <bdi data-find>{name}</bdi>
      </button>
      <Facts file={file} />
      <div id={id} className={styles.preview} hidden={!open}>
        {open && <Preview handle={handle} name={name} />}
      </div>
    </li>
  );
}

function Other({ file, name, handle }: Usable) {
  const { t } = useTranslation("conversation");
  return (
    <li className={styles.file}>
      <IconFile size={16} stroke={1.5} aria-hidden />
      <a
        className={styles.name}
        data-action="open"
        href={`/api/v1/media/${handle}`}
        target="_blank"
        rel="noopener noreferrer"
        referrerPolicy="no-referrer"
        title={t("file.open", { name })}
      >
        <bdi data-find>{name}</bdi>
      </a>
      <Facts file={file} />
    </li>
  );
}

function Facts({ file, verdict }: { file: Attachment; verdict?: string | undefined }) {
  const { t } = useTranslation("conversation");
  const facts = [
    file.media_type,
    file.size ? bytes(file.size) : undefined,
    verdict ?? (file.scan && t(`file.${file.scan}`)),
  ];
  return <span className={styles.facts}>{facts.filter(Boolean).join(" · ")}</span>;
}

/** What browsers draw and the relay hands out inline: no SVG (design section 3.3). */
function isPicture(file: Attachment): boolean {
  return /^image\/(png|jpeg|jpg|gif|webp|avif|bmp)$/i.test(file.media_type ?? "");
}
