import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Lane } from "./lines";
import type { Settings, Voice } from "./settings";
import styles from "./Volumes.module.css";

type Props = {
  lanes: readonly Lane[];
  volumes: Settings["volumes"];
  onChange: (voice: Voice, volume: number) => void;
};

/** A volume beside each lane; its name says whose voice it is. A press on the name mutes it. */
export function Volumes({ lanes, volumes, onChange }: Props) {
  return (
    <div className={styles.volumes}>
      {lanes.map(({ voice, channel }) => (
        <Volume key={channel} voice={voice} volume={volumes[voice]} onChange={(volume) => onChange(voice, volume)} />
      ))}
    </div>
  );
}

function Volume({ voice, volume, onChange }: { voice: Voice; volume: number; onChange: (volume: number) => void }) {
  const { t } = useTranslation("player");
  const id = useId();
  const percent = Math.round(volume * 100);
  return (
    <div className={styles.volume} data-voice={voice} data-muted={volume === 0 || undefined}>
      <label htmlFor={id}>{t(`voice.${voice}`)}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        aria-label={t("volume", { voice: t(`voice.${voice}`) })}
        aria-valuetext={t("percent", { percent })}
        onChange={(event) => onChange(Number(event.currentTarget.value) / 100)}
      />
    </div>
  );
}
