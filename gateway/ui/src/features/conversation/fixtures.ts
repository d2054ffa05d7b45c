import type { ContentPart, EndPart, EventPart, HeaderPart, MessagePart, PersonPart } from "./parts";

// What the tests of this feature read: one ticket, as the wire has it.

export const header: HeaderPart = {
  type: "header",
  ref: { link: "zd", kind: "ticket", id: "5012" },
  provider: "zendesk",
  channel: "email",
  subject: "Parcel late",
  status: "solved",
  created_at: "2026-11-20T08:00:00.000Z",
  requester: { id: "801" },
  agent: { id: "4100" },
  tags: ["vip", "late_parcel"],
  fields: [{ name: "Order", value: "A-1" }],
  csat: { score: "bad", comment: "Too slow." },
  provider_url: "https://acme.zendesk.com/agent/tickets/5012",
  open: "01JOPEN",
};
export const customer: PersonPart = { type: "person", id: "801", name: "Pauline", role: "customer" };
export const agent: PersonPart = { type: "person", id: "4100", name: "Rin", role: "agent" };
export const end: EndPart = { type: "end", parts: 5, provider_requests: 3, first_message_ms: 212 };

export function message(id: string, more: Partial<MessagePart> = {}): MessagePart {
  const minute = String(Number(id) % 60).padStart(2, "0");
  return {
    type: "message",
    id,
    at: `2026-11-20T08:${minute}:00.000Z`,
    author: { id: "801" },
    visibility: "public",
    text: `Text of ${id}`,
    ...more,
  };
}

export function event(id: string, at: string, more: Partial<EventPart> = {}): EventPart {
  return { type: "event", id, at, event: "transfer", text: "Frontline → Billing", actor: { id: "4100" }, ...more };
}

export function many(count: number): ContentPart[] {
  return [
    header,
    customer,
    agent,
    ...Array.from({ length: count }, (_, i) =>
      message(String(1000 + i), {
        at: new Date(Date.UTC(2026, 10, 20) + i * 60_000).toISOString(),
        author: { id: i % 2 ? "4100" : "801" },
        text: i % 100 === 50 ? `Comment ${i} names the needle` : `Comment ${i}`,
      }),
    ),
  ];
}

export function linesOf(parts: readonly unknown[]): string {
  return parts.map((part) => `${JSON.stringify(part)}\n`).join("");
}

/** A stream that the test feeds by hand, as fetch would answer. */
export function feed(): {
  answer: Response;
  send: (text: string) => void;
  close: () => void;
  cut: () => void;
  cancelled: () => boolean;
} {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let gone = false;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      gone = true;
    },
  });
  const answer = new Response(body, { headers: { "Content-Type": "application/x-ndjson", "X-Request-Id": "req-1" } });
  return {
    answer,
    send: (text) => controller?.enqueue(new TextEncoder().encode(text)),
    close: () => controller?.close(),
    cut: () => controller?.error(new TypeError("network error")),
    cancelled: () => gone,
  };
}
