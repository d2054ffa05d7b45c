import { QueryClient } from "@tanstack/react-query";

/** Nothing outlives the page that shows it: what is left is forgotten at once, and read again when one returns. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { gcTime: 0, staleTime: 0, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false },
      mutations: { gcTime: 0, retry: false },
    },
  });
}
