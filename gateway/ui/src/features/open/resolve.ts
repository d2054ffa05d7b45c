import { callJSON } from "../../api/client";
import { Problem, type Schemas } from "../../api/problem";

export type Ref = Schemas["Ref"];

/** What a pasted text turned out to be. The text itself stays in the input and goes nowhere else. */
export type Resolved =
  | { state: "one"; ref: Ref }
  | { state: "several"; candidates: readonly Ref[] }
  | { state: "refused"; problem: Problem };

/** Asks the gateway, which asks no host that is not linked. Throws only when aborted. */
export async function resolve(pasted: string, signal?: AbortSignal): Promise<Resolved> {
  try {
    const { candidates } = await callJSON<Schemas["Resolved"]>("/api/v1/resolve", {
      method: "POST",
      body: { text: pasted.trim() },
      signal,
    });
    const [first, ...others] = candidates;
    if (first && others.length === 0) return { state: "one", ref: first };
    return { state: "several", candidates };
  } catch (cause) {
    if (cause instanceof Problem) return { state: "refused", problem: cause };
    throw cause;
  }
}

/** How a ref is written for people: "zd ticket 5012". It holds nothing that a customer said. */
export function refName(ref: Ref): string {
  return `${ref.link} ${ref.kind} ${ref.id}`;
}
