import { type QueryClient, useQuery } from "@tanstack/react-query";
import { callJSON } from "./client";
import { Problem, type Schemas } from "./problem";

export type Session = Schemas["Session"];

const key = ["session"];

/** Who is signed in; null when nobody is. */
export function useSession() {
  return useQuery<Session | null, Problem>({
    queryKey: key,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** Whether the person may do it, by the action's name in the contract ("links.manage"). */
export function useMay(action: string): boolean {
  return useSession().data?.rights.includes(action) ?? false;
}

export async function readSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    return await callJSON<Session>("/api/v1/session", { signal, signIn: "refuse" });
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 401) return null;
    throw cause;
  }
}

export function rememberSession(queries: QueryClient, session: Session | null): void {
  queries.setQueryData(key, session);
}
