import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";

export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type NewUser = Schemas["NewUser"];
export type UserChange = Schemas["UserChange"];

const key = ["users"];
export const roles: readonly Role[] = ["analyst", "team_leader", "agent", "administrator"];

export function useUsers() {
  return useQuery<Schemas["Users"], Problem>({
    queryKey: key,
    queryFn: ({ signal }) => callJSON("/api/v1/users", { signal }),
  });
}

export function useAddUser() {
  const queries = useQueryClient();
  return useMutation<User, Problem, NewUser>({
    mutationFn: (body) => callJSON("/api/v1/users", { method: "POST", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useChangeUser(id: string) {
  const queries = useQueryClient();
  return useMutation<User, Problem, UserChange>({
    mutationFn: (body) => callJSON(`/api/v1/users/${encodeURIComponent(id)}`, { method: "PATCH", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
