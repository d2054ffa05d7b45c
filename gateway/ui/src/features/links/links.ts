import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";

export type Link = Schemas["Link"];
export type LinkTest = Schemas["LinkTest"];
export type Provider = Schemas["Provider"];
export type NewLink = Schemas["NewLink"];

const key = ["links"];
const path = (id: string) => `/api/v1/links/${encodeURIComponent(id)}`;

export function useLinks() {
  return useQuery<Schemas["Links"], Problem>({
    queryKey: key,
    queryFn: ({ signal }) => callJSON("/api/v1/links", { signal }),
  });
}

/** One link, with what only its own page shows. */
export function useLink(id: string, wanted: boolean) {
  return useQuery<Link, Problem>({
    queryKey: [...key, id],
    queryFn: ({ signal }) => callJSON(path(id), { signal }),
    enabled: wanted,
  });
}

/** What the name of a failure in the address means, in the gateway's words. */
export function useFailure(id: string | undefined, why: string | undefined) {
  return useQuery<Schemas["LinkFailure"], Problem>({
    queryKey: [...key, id, "failure", why],
    queryFn: ({ signal }) => callJSON(`${path(id ?? "")}/failure?why=${encodeURIComponent(why ?? "")}`, { signal }),
    enabled: Boolean(id && why),
    retry: false,
  });
}

export function useProviders() {
  return useQuery<Schemas["Providers"], Problem>({
    queryKey: ["providers"],
    queryFn: ({ signal }) => callJSON("/api/v1/providers", { signal }),
  });
}

/** All that can be done to a link. Each reads the list again, since a test can change a link's state. */
export function useLinkActions(id: string) {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: key });
  return {
    test: useMutation<LinkTest, Problem>({
      mutationFn: () => callJSON(`${path(id)}/test`, { method: "POST" }),
      onSettled,
    }),
    pause: useMutation<Link, Problem, boolean>({
      mutationFn: (paused) => callJSON(path(id), { method: "PATCH", body: { paused } }),
      onSettled,
    }),
    change: useMutation<Link, Problem, Schemas["LinkChange"]>({
      mutationFn: (body) => callJSON(path(id), { method: "PATCH", body }),
      onSettled,
    }),
    unlink: useMutation<void, Problem>({
      mutationFn: () => callJSON(path(id), { method: "DELETE" }),
      onSettled,
    }),
    authorize: useMutation<string | undefined, Problem>({
      mutationFn: () => authorize(id),
      onSettled,
    }),
  };
}

/** Begins linking. Returns where the browser must go; undefined when the link is ready without that. */
export async function authorize(id: string): Promise<string | undefined> {
  const { url } = await callJSON<Schemas["Authorize"]>(`${path(id)}/authorize`, { method: "POST" });
  return url || undefined;
}

export function useAddLink() {
  const queries = useQueryClient();
  return useMutation<Link, Problem, NewLink>({
    mutationFn: (body) => callJSON("/api/v1/links", { method: "POST", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
