import { useEffect } from "react";

/** Sets document.title. It is kept by the browser's history, so it takes refs and the names of pages, never content. */
export function useTitle(page?: string): void {
  useEffect(() => {
    document.title = page ? `${page} · Sightglass` : "Sightglass";
  }, [page]);
}
