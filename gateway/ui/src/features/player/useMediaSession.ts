import { useEffect } from "react";
import { usePlayer } from "./PlayerProvider";

/** The keyboard's and the system's media keys. Their screens outlive the page's: they are told the ref and no more. */
export function useMediaSession(title: string): void {
  const { player } = usePlayer();
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    const session = navigator.mediaSession;
    if (typeof MediaMetadata !== "undefined") session.metadata = new MediaMetadata({ title });
    const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
      ["play", () => player.toggle()],
      ["pause", () => player.toggle()],
      ["seekbackward", ({ seekOffset }) => player.step(-(seekOffset ?? 5))],
      ["seekforward", ({ seekOffset }) => player.step(seekOffset ?? 5)],
      ["seekto", ({ seekTime }) => seekTime !== undefined && player.seekTo(seekTime)],
    ];
    for (const [action, run] of actions) session.setActionHandler(action, run);
    return () => {
      session.metadata = null;
      for (const [action] of actions) session.setActionHandler(action, null);
    };
  }, [player, title]);
}
