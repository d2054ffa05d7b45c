import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Tick } from "../../components/Field";
import { type ShortcutGroup, setSingleKeys, useShortcutGroups, useSingleKeys } from "../../components/shortcuts";
import styles from "./Keys.module.css";

/** Lists what is registered, so it cannot promise a key that does nothing; and switches single keys off. */
export function Keys({ heading }: { heading: "h2" | "h3" }) {
  const { t } = useTranslation("help");
  const groups = merged(useShortcutGroups());
  const on = useSingleKeys();
  const fixed = [
    { keys: ["Tab", "Shift Tab"], does: t("fixed.tab") },
    { keys: ["Enter"], does: t("fixed.enter") },
    { keys: ["Escape"], does: t("fixed.escape") },
  ];
  return (
    <div className={styles.keys}>
      <Tick label={t("single")} help={t("singleHelp")} checked={on} onChange={setSingleKeys} />
      {groups.map((group) => (
        <Group key={group.title} heading={heading} title={group.title} off={!on} rows={group.shortcuts} />
      ))}
      <Group heading={heading} title={t("fixed.title")} off={false} rows={fixed} />
    </div>
  );
}

interface GroupProps {
  heading: "h2" | "h3";
  title: string;
  off: boolean;
  rows: readonly { keys: readonly string[]; does: string }[];
}

function Group({ heading: Heading, title, off, rows }: GroupProps) {
  const { t } = useTranslation("help");
  return (
    <div>
      <Heading>
        {title} {off && <span className={styles.off}>{t("off")}</span>}
      </Heading>
      <dl className={styles.list}>
        {rows.map((row) => (
          <Fragment key={row.does}>
            <dt>
              {row.keys.map((key) => (
                <kbd key={key}>{key === " " ? t("space") : key.replace("+", " ")}</kbd>
              ))}
            </dt>
            <dd>{row.does}</dd>
          </Fragment>
        ))}
      </dl>
    </div>
  );
}

/** Several components of a page may add to one group. */
function merged(groups: readonly ShortcutGroup[]): ShortcutGroup[] {
  const byTitle = new Map<string, ShortcutGroup>();
  for (const { title, shortcuts } of groups) {
    byTitle.set(title, { title, shortcuts: [...(byTitle.get(title)?.shortcuts ?? []), ...shortcuts] });
  }
  return [...byTitle.values()].filter((group) => group.shortcuts.length > 0);
}
