import type { components } from "./schema.gen";

export type Schemas = components["schemas"];
export type Fault = Schemas["Fault"];
export type Code = Schemas["Code"];

/** The gateway's codes, and the three that only a browser can find out. */
export type ProblemCode = Code | "unreachable" | "unreadable" | "cut";

type Body = Schemas["Problem"];
const faults: readonly string[] = ["request", "account", "provider", "gateway"] satisfies Fault[];

interface Facts {
  status: number;
  code: ProblemCode;
  fault: Fault;
  title: string;
  action: string;
  retryAfterSeconds?: number | undefined;
  requestId?: string | undefined;
  provider?: string | undefined;
  fields?: Record<string, string> | undefined;
  why?: string | undefined;
}

/** What went wrong, whose fault it is and what to do, as the gateway said it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly fault: Fault;
  readonly title: string;
  readonly action: string;
  /** How long the provider or the gateway asks us to wait, counted from `at`. */
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;
  readonly provider: string | undefined;
  /** What is wrong with a form, by field name. */
  readonly fields: Record<string, string>;
  /** What ended a linking: finer than the code. */
  readonly why: string | undefined;
  /** When the problem reached us, in milliseconds since 1970; the countdown starts here. */
  readonly at: number;

  constructor(facts: Facts) {
    super(facts.title);
    this.name = "Problem";
    this.status = facts.status;
    this.code = facts.code;
    this.fault = facts.fault;
    this.title = facts.title;
    this.action = facts.action;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.requestId = facts.requestId || undefined;
    this.provider = facts.provider;
    this.fields = facts.fields ?? {};
    this.why = facts.why;
    this.at = Date.now();
  }

  /** From a problem body, or from the `problem` part that ends a stream: they have the same keys. */
  static from(body: Body | Schemas["ProblemPart"]): Problem {
    return new Problem({
      status: body.status,
      code: body.code,
      fault: body.fault,
      title: body.title,
      action: body.action,
      retryAfterSeconds: body.retry_after,
      requestId: body.request_id,
      provider: body.provider,
      fields: "fields" in body ? body.fields : undefined,
      why: "why" in body ? body.why : undefined,
    });
  }

  /** No answer at all: the network, or the gateway is not running. */
  static unreachable(): Problem {
    return new Problem({
      status: 0,
      code: "unreachable",
      fault: "gateway",
      title: "The gateway does not answer",
      action: "Check your network connection, then try again.",
    });
  }

  /** A stream that stopped without its last line (design section 3.2): somebody cut it. */
  static cut(requestId: string | null): Problem {
    return new Problem({
      status: 0,
      code: "cut",
      fault: "gateway",
      title: "The stream broke off before its end",
      action: "What has arrived stays; try again to get the rest.",
      requestId: requestId ?? undefined,
    });
  }

  /** An answer that is no problem body: a proxy's page, or one cut short. */
  static unreadable(status: number, requestId: string | null): Problem {
    return new Problem({
      status,
      code: "unreadable",
      fault: "gateway",
      title: `The answer could not be read (status ${status})`,
      action: "Try again. If it stays, something between you and the gateway changes its answers.",
      requestId: requestId ?? undefined,
    });
  }
}

/** Reads a refusal. Whatever the body holds, a Problem comes back. */
export async function problemOf(answer: Response): Promise<Problem> {
  const requestId = answer.headers.get("X-Request-Id");
  try {
    const body: unknown = await answer.json();
    if (isProblemBody(body)) return Problem.from(body);
  } catch {
    // no JSON: below
  }
  return Problem.unreadable(answer.status, requestId);
}

function isProblemBody(body: unknown): body is Body {
  if (typeof body !== "object" || body === null) return false;
  const b = body as Record<string, unknown>;
  return (
    typeof b.status === "number" &&
    typeof b.code === "string" &&
    typeof b.title === "string" &&
    typeof b.action === "string" &&
    typeof b.fault === "string" &&
    faults.includes(b.fault)
  );
}
