import { IconCircleCheck, IconCircleDashed, IconPlayerPause, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./LinkState.module.css";
import type { Link } from "./links";

const icons = {
  ok: IconCircleCheck,
  new: IconCircleDashed,
  needs_reconnect: IconPlugConnectedX,
  paused: IconPlayerPause,
} as const;

/** A link's state in plain words; shape and words, never colour alone. */
export function LinkState({ link }: { link: Link }) {
  const { t } = useTranslation("links");
  const Icon = icons[link.state];
  return (
    <p className={styles.state} data-state={link.state}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span>
        {t(`state.${link.state}`)}
        {link.say && <> {link.say}</>}
      </span>
    </p>
  );
}
