import { vi } from "vitest";
import type { Schemas } from "../api/problem";

export interface Sent {
  method: string;
  path: string;
  body: unknown;
  init: RequestInit;
}

type Reply = Response | (() => Response | Promise<Response>);

/** Stands in for the gateway: replies by "METHOD /path", in order, the last for ever; and notes what was asked. */
export function fakeGateway(replies: Record<string, Reply | Reply[]>): { sent: Sent[] } {
  const sent: Sent[] = [];
  const queues = new Map(Object.entries(replies).map(([k, r]) => [k, Array.isArray(r) ? [...r] : [r]]));
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const method = init.method ?? "GET";
    sent.push({ method, path, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined, init });
    if (init.signal?.aborted) throw init.signal.reason;
    const queue = queues.get(`${method} ${path}`);
    const reply = queue && queue.length > 1 ? queue.shift() : queue?.[0];
    if (!reply) throw new TypeError(`no reply for ${method} ${path}`);
    return typeof reply === "function" ? reply() : reply.clone();
  });
  return { sent };
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
}

export function problem(some: Partial<Schemas["Problem"]> = {}): Response {
  const body: Schemas["Problem"] = {
    type: "/problems/internal",
    status: 500,
    title: "Something failed here",
    code: "internal",
    fault: "gateway",
    action: "Try again.",
    request_id: "7f3a",
    ...some,
  };
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "Content-Type": "application/problem+json" },
  });
}

export const unauthenticated = () => problem({ status: 401, code: "unauthenticated", fault: "request" });
