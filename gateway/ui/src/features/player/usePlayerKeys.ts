import { useTranslation } from "react-i18next";
import { useShortcuts } from "../../components/shortcuts";
import { usePlayer } from "./PlayerProvider";
import { nextSpeed } from "./settings";

/** The keys of people who transcribe: they work wherever one reads. */
export function usePlayerKeys(copy: () => void): void {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const { speed } = shown.settings;
  useShortcuts(t("keys.title"), [
    { keys: [" "], does: t("keys.play"), run: () => player.toggle() },
    { keys: ["j"], does: t("keys.back"), run: () => player.step(-5) },
    { keys: ["l"], does: t("keys.forward"), run: () => player.step(5) },
    { keys: ["Shift+J"], does: t("keys.farBack"), run: () => player.step(-30) },
    { keys: ["Shift+L"], does: t("keys.farForward"), run: () => player.step(30) },
    { keys: ["<"], does: t("keys.slower"), run: () => player.setSpeed(nextSpeed(speed, -1)) },
    { keys: [">"], does: t("keys.faster"), run: () => player.setSpeed(nextSpeed(speed, 1)) },
    { keys: ["["], does: t("keys.from"), run: () => player.mark("from") },
    { keys: ["]"], does: t("keys.to"), run: () => player.mark("to") },
    { keys: ["\\"], does: t("keys.clear"), run: player.unmark },
    { keys: ["Shift+C"], does: t("keys.copy"), run: copy },
  ]);
}
