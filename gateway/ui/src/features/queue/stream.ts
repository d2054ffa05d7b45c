import { call } from "../../api/client";
import { LineDecoder, LineTooLong } from "../../api/ndjson";
import { Problem, type Schemas } from "../../api/problem";
import { type DrawOf, queryOf } from "./filter";

export type Line = Schemas["ListLine"];
export type Row = Schemas["RowLine"];
export type End = Schemas["ListEndLine"];

export type Asked = {
  link: string;
  filter: Schemas["ListRequest"];
  draw?: DrawOf | undefined;
  cursor?: string | undefined;
};

/** How many rows are asked for at once: a page of most providers. */
export const pageRows = 100;

/**
 * listStream asks for a list or a draw and hands over its lines as they come; it resolves with the
 * last one. What a person typed goes into a body, everything else into the query.
 */
export async function listStream(
  { link, filter, draw, cursor }: Asked,
  signal: AbortSignal,
  onLines: (lines: readonly Line[]) => void,
): Promise<End> {
  const path = `/api/v1/links/${encodeURIComponent(link)}/interactions`;
  const page = { ...filter, limit: pageRows, ...(cursor ? { cursor } : {}) };
  const how = { signal, accept: "application/x-ndjson" };
  const answer = draw
    ? await call(`${path}/draw`, { ...how, method: "POST", body: { ...draw, filter } })
    : filter.text || filter.person
      ? await call(`${path}/search`, { ...how, method: "POST", body: page })
      : await call(`${path}?${queryOf(page)}`, how);
  const requestId = answer.headers.get("X-Request-Id");
  const reader = answer.body?.getReader();
  if (!reader) throw Problem.cut(requestId);
  try {
    return await read(reader, requestId, onLines);
  } catch (cause) {
    if (signal.aborted || cause instanceof Problem) throw cause;
    if (cause instanceof LineTooLong || cause instanceof SyntaxError)
      throw Problem.unreadable(answer.status, requestId);
    throw Problem.cut(requestId);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  requestId: string | null,
  onLines: (lines: readonly Line[]) => void,
): Promise<End> {
  const decoder = new LineDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw Problem.cut(requestId);
    const lines = decoder.push(value).map((line) => JSON.parse(line) as Line);
    const last = lines.at(-1);
    onLines(lines);
    if (last?.type === "end") return last;
    if (last?.type === "problem") throw Problem.from(last);
  }
}
