import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useSession } from "../../api/useSession";
import { ListeningContext } from "../../components/listening";
import { Player, type Shown, type Start } from "./player";
import { reportHeard } from "./reportHeard";

const PlayerContext = createContext<Player | undefined>(undefined);

type Props = {
  /** Where a deep link points. */
  start?: Start | undefined;
  children: ReactNode;
};

/** The player of one conversation: around the thread, which shows what is heard, and the dock. Give it the thread's key. */
export function PlayerProvider({ start, children }: Props) {
  const person = useSession().data?.principal ?? "nobody";
  const [player] = useState(() => new Player({ person, start, onHeard: reportHeard }));
  useEffect(() => {
    window.addEventListener("pagehide", player.leave);
    return () => {
      window.removeEventListener("pagehide", player.leave);
      player.leave();
    };
  }, [player]);
  return (
    <PlayerContext value={player}>
      <ListeningContext value={player}>{children}</ListeningContext>
    </PlayerContext>
  );
}

export function usePlayer(): { player: Player; shown: Shown } {
  const player = useContext(PlayerContext);
  if (!player) throw new Error("no PlayerProvider around the dock");
  return { player, shown: useSyncExternalStore(player.subscribe, player.snapshot) };
}
