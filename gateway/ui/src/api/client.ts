import { Problem, problemOf } from "./problem";
import { waitForSignIn } from "./session";

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  /** Leaving the page ends the request, and with it the gateway's request to the provider. */
  signal?: AbortSignal | undefined;
  accept?: string;
  /** A byte range, as the header has it. */
  range?: string;
  /** A request that is finished although its page is left. */
  keepalive?: boolean;
  /** "wait" (the default) opens the sign-in over the page and repeats the request after it; "refuse" throws. */
  signIn?: "wait" | "refuse";
}

/**
 * The only way to the gateway. Nothing is cached anywhere; a refusal is thrown as a Problem; a body
 * is left unread, so that a stream can be read as it comes. An abort is thrown as the signal's reason.
 */
export async function call(path: string, options: Call = {}): Promise<Response> {
  let answer = await once(path, options);
  while (answer.status === 401 && options.signIn !== "refuse") {
    await answer.body?.cancel();
    await waitForSignIn(options.signal);
    answer = await once(path, options);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function once(
  path: string,
  { method = "GET", body, signal, accept, range, keepalive = false }: Call,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept ?? "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (range !== undefined) headers.Range = range;
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      keepalive,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw Problem.unreachable();
  }
}

/** A call whose answer is one JSON value. The caller names the schema; the contract's tests keep it true. */
export async function callJSON<T>(path: string, options: Call = {}): Promise<T> {
  const answer = await call(path, options);
  if (answer.status === 204) return undefined as T;
  try {
    return (await answer.json()) as T;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw Problem.unreadable(answer.status, answer.headers.get("X-Request-Id"));
  }
}
