import { useMutation, useQuery } from "@tanstack/react-query";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";

export type SignInBy = Schemas["SignIns"]["providers"][number];

/** Through which providers people sign in here. Until it is known, and when it cannot be, there is the form. */
export function useSignIns() {
  return useQuery<Schemas["SignIns"], Problem>({
    queryKey: ["sign-ins"],
    queryFn: ({ signal }) => callJSON("/api/v1/session/sso", { signal, signIn: "refuse" }),
    retry: false,
  });
}

/** Leaves for the provider. Whoever was on a page comes back to it. */
export function useBeginSSO(leave: (url: string) => void = (url) => location.assign(url)) {
  return useMutation<{ url: string }, Problem, SignInBy>({
    mutationFn: ({ site, id }) =>
      callJSON("/api/v1/session/sso", {
        method: "POST",
        body: { site, id, return_to: location.pathname === "/signin" ? "/" : location.pathname + location.search },
        signIn: "refuse",
      }),
    onSuccess: ({ url }) => leave(url),
  });
}
