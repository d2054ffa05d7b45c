import { useTranslation } from "react-i18next";
import { linkify } from "./linkify";
import styles from "./Message.module.css";
import { useRemembered } from "./ThreadContext";
import { bytes } from "./times";

/** Above this many characters the rest is drawn on demand: one message may hold a megabyte. */
const shownCharacters = 12_000;

/** Text as the provider gave it: white space kept, each line in its own direction, addresses made links. */
export function PlainText({ text, memoryKey, whole }: { text: string; memoryKey: string; whole: boolean }) {
  const { t } = useTranslation("conversation");
  const [all, setAll] = useRemembered(`${memoryKey}#all`, false);
  const cut = !all && !whole && text.length > shownCharacters;
  const shown = cut ? text.slice(0, shownCharacters) : text;
  return (
    <>
      <p className={styles.plain} dir="auto" data-find>
        {linkify(shown).map((piece, i) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move
          piece.href ? <OutsideLink key={i} href={piece.href} text={piece.text} /> : piece.text,
        )}
      </p>
      {cut && (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          {t("showAll", { size: bytes(text.length) })}
        </button>
      )}
    </>
  );
}

function OutsideLink({ href, text }: { href: string; text: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" referrerPolicy="no-referrer" dir="ltr">
      {text}
    </a>
  );
}
