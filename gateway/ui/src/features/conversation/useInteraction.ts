import { useEffect, useState, useSyncExternalStore } from "react";
import { type Interaction, InteractionStore } from "./store";
import type { Opening } from "./stream";

export type Live = Interaction & { tryAgain: () => void };

/**
 * useInteraction opens one interaction live; nothing of it is kept once the page is left, neither in
 * memory nor in the browser's back-forward cache. The caller gives the page a key per
 * interaction, so that another one is another store.
 */
export function useInteraction(opening: Opening): Live {
  const [store] = useState(() => new InteractionStore(opening));
  const interaction = useSyncExternalStore(store.subscribe, store.snapshot);
  useEffect(() => {
    store.open();
    const shownAgain = (event: PageTransitionEvent) => event.persisted && store.open();
    window.addEventListener("pagehide", store.leave);
    window.addEventListener("pageshow", shownAgain);
    return () => {
      window.removeEventListener("pagehide", store.leave);
      window.removeEventListener("pageshow", shownAgain);
      store.leave();
    };
  }, [store]);
  return { ...interaction, tryAgain: store.open };
}
