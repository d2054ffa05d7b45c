import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { clock } from "./clock";
import styles from "./Dock.module.css";
import { Failed } from "./Failed";
import { Lanes } from "./Lanes";
import { lanesOf } from "./lines";
import { usePlayer } from "./PlayerProvider";
import { Spoken } from "./Spoken";
import { Tools } from "./Tools";
import { useCopyMoment } from "./useCopyMoment";
import { useMediaSession } from "./useMediaSession";
import { usePlayerKeys } from "./usePlayerKeys";
import { Volumes } from "./Volumes";

export type Ref = { link: string; kind: string; id: string };

/** The player, across the conversation and the rail. Without a call that can be heard there is none. */
export function Dock({ link, kind, id }: Ref) {
  const { shown } = usePlayer();
  return shown.call ? <Open of={{ link, kind, id }} /> : null;
}

function Open({ of }: { of: Ref }) {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { call, playback, peaks, settings } = shown;
  const copy = useCopyMoment(of);
  usePlayerKeys(copy.copy);
  useMediaSession(`${of.link} ${of.kind} ${of.id}`);
  if (!call) return null;
  const lanes = lanesOf(call, peaks?.channels ?? 0);
  return (
    <section className={styles.dock} aria-label={t("player")} data-state={playback.state}>
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript, where there is one, is shown above and in the thread */}
      <audio ref={player.attach} preload="none" hidden />
      {playback.state === "failed" ? (
        <Failed problem={playback.problem} onRetry={player.tryAgain} />
      ) : (
        <div className={styles.inside}>
          <div className={styles.header}>
            <Spoken />
            <Tools copy={copy} />
          </div>
          <Transport />
          <Lanes lanes={lanes} />
          <Volumes lanes={lanes} volumes={settings.volumes} onChange={player.setVolume} />
        </div>
      )}
    </section>
  );
}

function Transport() {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { playback, second, seconds } = shown;
  const going = playback.state === "playing" || playback.state === "loading";
  return (
    <div className={styles.transport}>
      <Button
        kind="primary"
        className={styles.play}
        aria-label={t(going ? "pause" : "play")}
        onClick={() => player.toggle()}
      >
        {going ? <IconPlayerPauseFilled size={16} aria-hidden /> : <IconPlayerPlayFilled size={16} aria-hidden />}
      </Button>
      <Button
        kind="bare"
        className={styles.step}
        aria-label={t("back")}
        title={t("back")}
        onClick={() => player.step(-5)}
      >
        {t("backShort")}
      </Button>
      <Button
        kind="bare"
        className={styles.step}
        aria-label={t("forward")}
        title={t("forward")}
        onClick={() => player.step(5)}
      >
        {t("forwardShort")}
      </Button>
      <p className={styles.time}>
        <span className={styles.now}>{clock(second)}</span>
        {seconds > 0 && <span className={styles.of}> / {clock(seconds)}</span>}
      </p>
    </div>
  );
}
