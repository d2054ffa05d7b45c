import { createContext, useContext, useState } from "react";
import { type Clock, clock } from "./times";

/** What every row may need and no row owns. Its value changes rarely: each change draws all rows. */
export type ThreadTools = {
  clock: Clock;
  /** The provider's name as people say it. */
  provider: string;
  /** Handles that came with a later stream, by part or attachment; a newer one replaces the part's own. */
  handles: ReadonlyMap<string, string>;
  /** What the reader has opened or toggled, by row; rows that scroll away and come back look the same. */
  memory: Map<string, unknown>;
  /** A handle has expired: fetch the parts again, which seals new ones. */
  renew: () => void;
  copyLink: (messageId: string) => Promise<boolean>;
  /** Something was written into a frame, which React does not see: the search lights it too. */
  framed: () => void;
};

export const ThreadContext = createContext<ThreadTools>({
  clock: clock(),
  provider: "",
  handles: new Map(),
  memory: new Map(),
  renew: () => undefined,
  copyLink: async () => false,
  framed: () => undefined,
});

export const useThreadTools = () => useContext(ThreadContext);

/** useState that survives the row's leaving the window, and nothing else. */
export function useRemembered<T>(key: string, initial: T): [T, (value: T) => void] {
  const { memory } = useThreadTools();
  const [value, setValue] = useState<T>(() => (memory.has(key) ? (memory.get(key) as T) : initial));
  return [
    value,
    (next) => {
      memory.set(key, next);
      setValue(next);
    },
  ];
}
