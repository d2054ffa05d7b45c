import { call } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Span } from "../../components/listening";

/**
 * Tells the gateway what was heard; it keeps the person's session alive, too. A page that is left
 * still gets it sent. Who has been signed out is asked to sign in by what they do, not by this.
 */
export async function reportHeard(open: string, recording: string, spans: readonly Span[]): Promise<void> {
  const exact = spans.map(({ from, to }) => [milli(from), milli(to)]);
  try {
    const body = { recording, spans: exact };
    await call(`/api/v1/opens/${encodeURIComponent(open)}/heard`, {
      ...{ method: "POST", body, keepalive: true, signIn: "refuse" },
    });
  } catch (cause) {
    // What the gateway will never take is not sent again; what did not reach it is.
    if (cause instanceof Problem && cause.fault === "request" && cause.status !== 401 && cause.status !== 429) return;
    throw cause;
  }
}

const milli = (seconds: number) => Math.round(seconds * 1000) / 1000;
