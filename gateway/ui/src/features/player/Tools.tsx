import { IconLink, IconPlayerSkipForward, IconRepeat, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Menu } from "../../components/Menu";
import { clock } from "./clock";
import styles from "./Dock.module.css";
import { usePlayer } from "./PlayerProvider";
import { canDecode } from "./readPeaks";
import { speeds } from "./settings";
import type { CopyMoment } from "./useCopyMoment";

/** What one sets now and then: silence, loop, speed, and the link to this second. */
export function Tools({ copy }: { copy: CopyMoment }) {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { skipSilence } = shown.settings;
  return (
    <div className={styles.tools}>
      {canDecode() && (
        <Button
          kind="bare"
          className={styles.toggle}
          aria-pressed={skipSilence}
          aria-label={t("skip")}
          title={t("skip")}
          onClick={() => player.setSkipSilence(!skipSilence)}
        >
          <IconPlayerSkipForward size={16} stroke={1.5} aria-hidden />
          <span className={styles.word}>{t("skip")}</span>
        </Button>
      )}
      <LoopButton />
      <Speed />
      <Button kind="bare" aria-label={t("copy")} title={t("copy")} onClick={copy.copy}>
        <IconLink size={16} stroke={1.5} aria-hidden />
      </Button>
      <output className={copy.said ? styles.copied : "visually-hidden"}>{copy.said}</output>
    </div>
  );
}

/** One press begins the loop, the next ends it, the third lets go. */
function LoopButton() {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { from, to } = shown.loop;
  if (from === undefined) {
    return (
      <Button
        kind="bare"
        className={styles.toggle}
        aria-label={t("loopStart")}
        title={t("loopStart")}
        onClick={() => player.mark("from")}
      >
        <IconRepeat size={16} stroke={1.5} aria-hidden />
        <span className={styles.word}>{t("loop")}</span>
      </Button>
    );
  }
  if (to === undefined) {
    return (
      <Button
        kind="bare"
        className={styles.toggle}
        aria-label={`${t("loopEnd")}, ${t("loopFrom", { from: clock(from) })}`}
        onClick={() => player.mark("to")}
      >
        <IconRepeat size={16} stroke={1.5} aria-hidden />
        <span className={styles.figures}>{clock(from)}–…</span>
      </Button>
    );
  }
  const loop = t("loopBetween", { from: clock(from), to: clock(to) });
  return (
    <Button
      kind="bare"
      className={styles.toggle}
      aria-pressed
      aria-label={t("loopClear", { loop })}
      onClick={player.unmark}
    >
      <IconRepeat size={16} stroke={1.5} aria-hidden />
      <span className={styles.figures}>{loop}</span>
      <IconX size={16} stroke={1.5} aria-hidden />
    </Button>
  );
}

function Speed() {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { speed } = shown.settings;
  const label = t("speed", { speed: t("times", { speed }) });
  return (
    <Menu
      label={t("speed", { speed: "" }).trim()}
      trigger={
        <Button kind="bare" className={styles.speed} aria-label={label} title={label}>
          {t("times", { speed })}
        </Button>
      }
      groups={[
        {
          entries: speeds.map((one) => ({
            id: String(one),
            title: t("times", { speed: one }),
            on: one === speed,
            choice: true,
            run: () => player.setSpeed(one),
          })),
        },
      ]}
    />
  );
}
