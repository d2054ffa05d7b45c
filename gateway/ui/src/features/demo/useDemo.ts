import { type Query, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callJSON } from "../../api/client";
import { Problem, type Schemas } from "../../api/problem";
import { rememberSession, type Session } from "../../api/useSession";

export type Demo = Schemas["Demo"];
export type Break = Demo["breaks"][number];
export type Role = Schemas["Role"];

const key = ["demo"];
const noticedMs = 1_100; // changed rights are noticed within a second
const pageData = (query: Query) => query.queryKey[0] !== "session" && query.queryKey[0] !== "demo";

/** The demo's samples and what can be broken; null when this is no demo. */
export function useDemo(enabled = true) {
  return useQuery<Demo | null, Problem>({
    queryKey: key,
    queryFn: ({ signal }) => readDemo(signal),
    enabled,
    gcTime: Number.POSITIVE_INFINITY,
    // Some faults end by themselves.
    refetchInterval: ({ state }) => (state.data?.breaks.some((b) => b.on) ? 5_000 : false),
  });
}

async function readDemo(signal: AbortSignal): Promise<Demo | null> {
  try {
    return await callJSON<Demo>("/api/v1/demo", { signal, signIn: "refuse" });
  } catch (cause) {
    if (cause instanceof Problem && (cause.status === 404 || cause.status === 401)) return null;
    throw cause;
  }
}

/** Breaks something in the simulators, or mends it. What follows on the screen is the real thing. */
export function useBreak() {
  const queries = useQueryClient();
  return useMutation<void, Problem, { id: string; undo: boolean }>({
    mutationFn: (body) => callJSON("/api/v1/demo/break", { method: "POST", body, signIn: "refuse" }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
    // A page that only waits would show nothing of it: let it ask again once the gateway knows.
    onSuccess: () => void setTimeout(() => void queries.invalidateQueries({ predicate: pageData }), noticedMs),
  });
}

/** Becomes the analyst or the administrator, and reads the page again with the rights of that person. */
export function useLookAs() {
  const queries = useQueryClient();
  return useMutation<Session, Problem, Role>({
    mutationFn: (role) => callJSON<Session>("/api/v1/demo/look-as", { method: "POST", body: { role } }),
    onSuccess: async (session) => {
      rememberSession(queries, session);
      await queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "session" });
    },
  });
}
