import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";

export type Site = Schemas["Site"];
export type ApiKey = Schemas["ApiKey"];
export type ApiKeyMade = Schemas["ApiKeyMade"];

const siteKey = ["site"];
const keysKey = ["api-keys"];

export function useSite() {
  return useQuery<Site, Problem>({ queryKey: siteKey, queryFn: ({ signal }) => callJSON("/api/v1/site", { signal }) });
}

export function useChangeSite() {
  const queries = useQueryClient();
  return useMutation<Site, Problem, Schemas["SiteChange"]>({
    mutationFn: (body) => callJSON("/api/v1/site", { method: "PATCH", body }),
    onSuccess: (site) => queries.setQueryData(siteKey, site),
  });
}

export function useApiKeys() {
  return useQuery<Schemas["ApiKeys"], Problem>({
    queryKey: keysKey,
    queryFn: ({ signal }) => callJSON("/api/v1/api-keys", { signal }),
  });
}

export function useAddKey() {
  const queries = useQueryClient();
  return useMutation<ApiKeyMade, Problem, Schemas["NewApiKey"]>({
    mutationFn: (body) => callJSON("/api/v1/api-keys", { method: "POST", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: keysKey }),
    gcTime: 0, // the answer holds the key
  });
}

export function useRevokeKey(id: string) {
  const queries = useQueryClient();
  return useMutation<unknown, Problem, void>({
    mutationFn: () => callJSON(`/api/v1/api-keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSettled: () => queries.invalidateQueries({ queryKey: keysKey }),
  });
}

/** The administrators of the site: one of them may break the glass. */
export function useAdministrators() {
  return useQuery<Schemas["Users"], Problem>({
    queryKey: ["users"],
    queryFn: ({ signal }) => callJSON("/api/v1/users", { signal }),
  });
}
