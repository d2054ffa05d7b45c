import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "./clock";
import type { Ref } from "./Dock";
import { usePlayer } from "./PlayerProvider";

export type CopyMoment = { copy: () => void; said: string };

/** A link to a second names the interaction, the recording and the second, and nothing that was said. */
export function momentLink({ link, kind, id }: Ref, recording: string, seconds: number): string {
  const path = [link, kind, id].map(encodeURIComponent).join("/");
  return `${location.origin}/i/${path}?r=${encodeURIComponent(recording)}&t=${Math.floor(seconds)}`;
}

export function useCopyMoment(of: Ref): CopyMoment {
  const { t } = useTranslation("player");
  const { player, shown } = usePlayer();
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), 3000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () => {
    if (!shown.call) return;
    const at = player.position();
    navigator.clipboard.writeText(momentLink(of, shown.call.id, at)).then(
      () => setSaid(t("copied", { at: clock(at) })),
      () => setSaid(t("notCopied")),
    );
  };
  return { copy, said };
}
