import { describe, expect, it, vi } from "vitest";
import { Problem } from "../../api/problem";
import { end, feed, header, linesOf, message } from "./fixtures";
import { type Batch, openStream } from "./stream";

const opening = { link: "zd", kind: "ticket", id: "a:b~1", reason: "pasted" };

function answerWith(answer: Response) {
  return vi.spyOn(globalThis, "fetch").mockResolvedValue(answer);
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const cause = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof Problem)) throw new Error(`got ${String(cause)}, want a Problem`);
  return cause;
}

describe("openStream", () => {
  it("asks for NDJSON, caches nothing, and hands over parts as they come", async () => {
    const { answer, send, close } = feed();
    const fetched = answerWith(answer);
    const batches: Batch[] = [];
    const done = openStream(opening, new AbortController().signal, (batch) => batches.push(batch));
    send(linesOf([header, message("331")]));
    send(linesOf([message("332"), end]));
    close();
    expect(await done).toEqual(end);
    expect(batches.flatMap((batch) => batch.parts.map((part) => part.type))).toEqual(["header", "message", "message"]);
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe("/api/v1/links/zd/interactions/ticket/a%3Ab~1?reason=pasted");
    expect(init?.cache).toBe("no-store");
    expect(new Headers(init?.headers).get("Accept")).toBe("application/x-ndjson");
  });

  it("says that a stream without a last line was cut, and keeps what came", async () => {
    const { answer, send, close } = feed();
    answerWith(answer);
    const got: string[] = [];
    const done = openStream(opening, new AbortController().signal, ({ parts }) =>
      got.push(...parts.map((part) => part.type)),
    );
    send(linesOf([header, message("331")]));
    send('{"type":"message","id":"332","text":"half a li');
    close();
    const problem = await problemOf(done);
    expect(problem.code).toBe("cut");
    expect(problem.requestId).toBe("req-1");
    expect(got).toEqual(["header", "message"]);
  });

  it("says the same when the connection breaks", async () => {
    const { answer, send, cut } = feed();
    answerWith(answer);
    const done = openStream(opening, new AbortController().signal, () => cut());
    send(linesOf([header]));
    expect((await problemOf(done)).code).toBe("cut");
  });

  it("takes a last line without a newline", async () => {
    const { answer, send, close } = feed();
    answerWith(answer);
    const done = openStream(opening, new AbortController().signal, () => undefined);
    send(JSON.stringify(end));
    close();
    expect((await done).parts).toBe(5);
  });

  it("throws the stream's own problem as it was said", async () => {
    const { answer, send } = feed();
    answerWith(answer);
    const done = openStream(opening, new AbortController().signal, () => undefined);
    const body = {
      status: 429,
      code: "rate_limited",
      fault: "provider",
      title: "Zendesk asks us to wait",
      action: "Wait.",
    };
    send(linesOf([header, { type: "problem", ...body, retry_after: 40, request_id: "r9" }]));
    const problem = await problemOf(done);
    expect(problem).toMatchObject({
      code: "rate_limited",
      fault: "provider",
      action: "Wait.",
      retryAfterSeconds: 40,
      requestId: "r9",
    });
  });

  it("throws a refusal before the first part as its problem body", async () => {
    const body = {
      type: "/problems/needs_reconnect",
      status: 409,
      code: "needs_reconnect",
      fault: "account",
      title: "t",
      action: "Ask Ana.",
      request_id: "r",
    };
    answerWith(
      new Response(JSON.stringify(body), { status: 409, headers: { "Content-Type": "application/problem+json" } }),
    );
    const problem = await problemOf(openStream(opening, new AbortController().signal, () => undefined));
    expect(problem).toMatchObject({ code: "needs_reconnect", fault: "account", action: "Ask Ana." });
  });

  it("calls a line that is no JSON unreadable, and lets go of the connection", async () => {
    const { answer, send, cancelled } = feed();
    answerWith(answer);
    const done = openStream(opening, new AbortController().signal, () => undefined);
    send("<html>a proxy's page</html>\n");
    expect((await problemOf(done)).code).toBe("unreadable");
    await vi.waitFor(() => expect(cancelled()).toBe(true));
  });
});
