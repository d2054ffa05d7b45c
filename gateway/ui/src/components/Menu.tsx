import { Menu as Base } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import styles from "./Menu.module.css";

export interface MenuEntry {
  id: string;
  title: string;
  /** A second line. */
  say?: string;
  icon?: ReactNode;
  /** Makes it a toggle; with `choice`, one of several. */
  on?: boolean;
  choice?: boolean;
  disabled?: boolean;
  run: () => void;
}

interface Props {
  /** The button that opens it. */
  trigger: ReactElement;
  label: string;
  /** Entries in groups; a line stands between groups. */
  groups: readonly { title?: string; entries: readonly MenuEntry[] }[];
  head?: ReactNode;
  wide?: boolean;
}

/** A menu: arrows, Home, End, first letters, Escape back to its button. The only thing with a shadow. */
export function Menu({ trigger, label, groups, head, wide }: Props) {
  const shown = groups.filter((g) => g.entries.length > 0);
  return (
    <Base
      position="bottom-end"
      offset={4}
      width={wide ? 380 : 240}
      radius={4}
      shadow="none"
      transitionProps={{ duration: 0 }}
      floatingStrategy="fixed"
      // In its place in the page: a menu at the end of the document belongs to no landmark.
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      classNames={{
        dropdown: styles.dropdown,
        item: styles.item,
        label: styles.label,
        divider: styles.divider,
        itemIndicator: styles.indicator,
        itemLabel: styles.inside,
      }}
    >
      <Base.Target>{trigger}</Base.Target>
      <Base.Dropdown aria-label={label}>
        {head && <div className={styles.head}>{head}</div>}
        {shown.map((group, n) => (
          <div key={group.title ?? group.entries[0]?.id} className={styles.group} role="none">
            {(n > 0 || head) && <Base.Divider />}
            {group.title && <Base.Label>{group.title}</Base.Label>}
            {group.entries.map((entry) => (
              <Entry key={entry.id} {...entry} />
            ))}
          </div>
        ))}
      </Base.Dropdown>
    </Base>
  );
}

function Entry({ id, title, say, icon, on, choice, disabled, run }: MenuEntry) {
  const inside = (
    <>
      <span className={styles.mark} aria-hidden="true" data-choice={choice}>
        {on === undefined ? icon : <span className={on ? styles.boxOn : styles.box} />}
      </span>
      <span>{title}</span>
      {say && <span className={styles.say}>{say}</span>}
    </>
  );
  if (on === undefined) {
    return (
      <Base.Item disabled={disabled} onClick={run}>
        {inside}
      </Base.Item>
    );
  }
  if (choice) {
    return (
      <Base.RadioGroup value={on ? id : null} onChange={run}>
        <Base.RadioItem value={id} disabled={disabled}>
          {inside}
        </Base.RadioItem>
      </Base.RadioGroup>
    );
  }
  return (
    <Base.CheckboxItem checked={on} disabled={disabled} closeMenuOnClick onChange={run}>
      {inside}
    </Base.CheckboxItem>
  );
}
