import { call } from "../../api/client";
import { LineDecoder, LineTooLong } from "../../api/ndjson";
import { Problem } from "../../api/problem";
import { asPart, type ContentPart, type EndPart, type ProblemPart } from "./parts";

/** What names an interaction, and how the person came to it. */
export type Opening = { link: string; kind: string; id: string; reason?: string | undefined };

/** Parts of one chunk of bytes, in order. */
export type Batch = { parts: readonly ContentPart[]; bytes: number };

/**
 * openStream opens an interaction and hands over its parts as they arrive; it resolves with the last
 * line, `end`. Whatever else ends the stream is thrown as a Problem: a refusal before the first
 * part, the stream's own `problem` line, or a stream without either, which was cut. Aborting the
 * signal ends the gateway's request to the provider.
 */
export async function openStream(
  opening: Opening,
  signal: AbortSignal,
  onBatch: (batch: Batch) => void,
): Promise<EndPart> {
  const answer = await call(pathOf(opening), { signal, accept: "application/x-ndjson" });
  const requestId = answer.headers.get("X-Request-Id");
  if (!answer.body) throw Problem.cut(requestId);
  const reader = answer.body.getReader();
  try {
    return await readParts(reader, requestId, onBatch);
  } catch (cause) {
    if (signal.aborted || cause instanceof Problem) throw cause;
    if (cause instanceof LineTooLong || cause instanceof SyntaxError)
      throw Problem.unreadable(answer.status, requestId);
    throw Problem.cut(requestId); // the connection broke: fetch gives a TypeError
  } finally {
    // Whether we read to the end or gave up half-way, the connection is not ours any more.
    reader.cancel().catch(() => undefined);
  }
}

async function readParts(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  requestId: string | null,
  onBatch: (batch: Batch) => void,
): Promise<EndPart> {
  const decoder = new LineDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    const lines = done ? [decoder.rest()].filter((line) => line.trim() !== "") : decoder.push(value);
    const { parts, last } = partsOf(lines, done);
    onBatch({ parts, bytes: value?.length ?? 0 });
    if (last?.type === "end") return last;
    if (last) throw Problem.from(last);
    if (done) throw Problem.cut(requestId);
  }
}

/** A line that is cut off at the end of the stream is no error of its own: the stream was cut. */
function partsOf(lines: readonly string[], atEnd: boolean): { parts: ContentPart[]; last?: EndPart | ProblemPart } {
  const parts: ContentPart[] = [];
  for (const line of lines) {
    const part = asPart(atEnd ? parsedOrNothing(line) : JSON.parse(line));
    if (!part) continue;
    if (part.type === "end" || part.type === "problem") return { parts, last: part };
    parts.push(part);
  }
  return { parts };
}

function parsedOrNothing(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function pathOf({ link, kind, id, reason }: Opening): string {
  const [of, as, name] = [link, kind, id].map(encodeURIComponent);
  const query = reason ? `?reason=${encodeURIComponent(reason)}` : "";
  return `/api/v1/links/${of}/interactions/${as}/${name}${query}`;
}
