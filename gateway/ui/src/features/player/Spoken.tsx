import { IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import type { Call } from "../../components/listening";
import { Menu } from "../../components/Menu";
import { clock } from "./clock";
import styles from "./Dock.module.css";
import { spanOf } from "./lines";
import { usePlayer } from "./PlayerProvider";

/** The line above the lanes: what is being said, or why there is nothing to read. */
export function Spoken() {
  const { shown } = usePlayer();
  return (
    <div className={styles.top}>
      {shown.calls.length > 1 && <Chooser />}
      <Words />
    </div>
  );
}

function Words() {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { call, line: index, playback, second, seconds } = shown;
  const line = index === undefined ? undefined : call?.lines[index];
  if (playback.state === "loading") return <p className={styles.aside}>{t("waiting")}</p>;
  if (playback.state === "idle" && second === 0) return <p className={styles.aside}>{t("notStarted")}</p>;
  if (!call || call.lines.length === 0) {
    return <p className={styles.aside}>{t(call?.transcript ? "untimed" : "noTranscript")}</p>;
  }
  if (!line || index === undefined) return <p className={styles.aside}>{t("quietNow")}</p>;
  const lit = player.position() <= spanOf(call.lines, index, seconds).to;
  return (
    <p className={styles.words} data-kind={line.role} data-lit={lit || undefined}>
      <span className={styles.at}>{clock(line.from)}</span>
      <bdi className={styles.who}>{line.name ?? t(`nobody.${line.role}`)}</bdi>
      <span className={styles.said} dir="auto">
        {line.text}
      </span>
    </p>
  );
}

function useNameOf() {
  const { t } = useTranslation("player");
  return (call: Call) => {
    const time = Number.isFinite(call.time)
      ? new Date(call.time).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
      : call.id;
    return t(call.voicemail ? "voicemail" : "call", { time });
  };
}

/** A conversation with several recordings: which one the dock plays. */
export function Chooser() {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const nameOf = useNameOf();
  const { call, calls } = shown;
  if (!call) return null;
  return (
    <Menu
      label={t("choose")}
      trigger={
        <Button kind="bare" className={styles.chooser} aria-label={`${t("choose")}: ${nameOf(call)}`}>
          {nameOf(call)}
          <IconChevronDown size={16} stroke={1.5} aria-hidden />
        </Button>
      }
      groups={[
        {
          entries: calls.map((one, index) => ({
            id: one.key,
            title: nameOf(one),
            say: `${index + 1} / ${calls.length}${one.seconds === undefined ? "" : ` · ${clock(one.seconds)}`}`,
            on: one.key === call.key,
            choice: true,
            run: () => player.seek(one.key, 0),
          })),
        },
      ]}
    />
  );
}
