import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";
import { QueueStore } from "./store";
import type { Asked } from "./stream";

/** Reads one list while it is shown. The caller gives the component a key per filter. */
export function useQueue(asked: Asked) {
  const [store] = useState(() => new QueueStore(asked));
  const queue = useSyncExternalStore(store.subscribe, store.snapshot);
  useEffect(() => {
    store.load();
    const shownAgain = (event: PageTransitionEvent) => event.persisted && store.load();
    window.addEventListener("pagehide", store.leave);
    window.addEventListener("pageshow", shownAgain);
    return () => {
      window.removeEventListener("pagehide", store.leave);
      window.removeEventListener("pageshow", shownAgain);
      store.leave();
    };
  }, [store]);
  return { queue, store };
}

/** Who filters, and what there is to choose from: asked of the provider, believed for five minutes. */
export function useFilters(link: string) {
  return useQuery<Schemas["Filters"], Problem>({
    queryKey: ["filters", link],
    queryFn: ({ signal }) => callJSON(`/api/v1/links/${encodeURIComponent(link)}/filters`, { signal }),
    staleTime: 5 * 60_000,
    gcTime: 5 * 60_000,
  });
}
