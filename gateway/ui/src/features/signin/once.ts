import { callJSON } from "../../api/client";
import type { Session } from "../../api/useSession";

// The one-time link carries its token in the fragment, so that no server's log has it. It is taken
// out of the address before the first render, and used once: StrictMode and returning to the page
// find the same attempt, not a second one.

let token: string | undefined;
let attempt: Promise<Session> | undefined;

/** Takes the token out of the address bar and out of this entry of the history. */
export function takeOnceToken(): void {
  if (location.pathname !== "/signin" || location.hash.length < 2) return;
  token = location.hash.slice(1);
  attempt = undefined;
  history.replaceState(history.state, "", "/signin");
}

/** Signs in with the token that was taken; undefined when there was none. */
export function signInOnce(): Promise<Session> | undefined {
  if (token === undefined) return attempt;
  const once = token;
  token = undefined;
  attempt = callJSON<Session>("/api/v1/session", { method: "POST", body: { once }, signIn: "refuse" });
  const done = () => {
    attempt = undefined;
  };
  attempt.then(done, done);
  return attempt;
}
