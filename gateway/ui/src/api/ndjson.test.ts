import { describe, expect, it } from "vitest";
import { LineDecoder, LineTooLong, maxLineBytes } from "./ndjson";

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("LineDecoder", () => {
  const lines = ['{"text":"où est-il ?"}', '{"text":"佐藤 健"}', '{"text":"مرحبا 👟"}'];
  const whole = bytesOf(`${lines.join("\n")}\n`);

  it("gives the same lines wherever the bytes are split", () => {
    for (let at = 0; at <= whole.length; at++) {
      const decoder = new LineDecoder();
      const got = [...decoder.push(whole.subarray(0, at)), ...decoder.push(whole.subarray(at))];
      expect(got, `split at ${at}`).toEqual(lines);
      expect(decoder.rest(), `rest after a split at ${at}`).toBe("");
    }
  });

  it("gives the same lines one byte at a time, from one reused buffer", () => {
    const decoder = new LineDecoder();
    const buffer = new Uint8Array(1);
    const got: string[] = [];
    for (const byte of whole) {
      buffer[0] = byte;
      got.push(...decoder.push(buffer));
    }
    expect(got).toEqual(lines);
  });

  it("leaves out empty lines and keeps a line without an end as the rest", () => {
    const decoder = new LineDecoder();
    expect(decoder.push(bytesOf('\n\r\n{"a":1}\r\n{"b"'))).toEqual(['{"a":1}\r']);
    expect(decoder.rest()).toBe('{"b"');
  });

  it("takes a line of 2 MiB and refuses one byte more", () => {
    const decoder = new LineDecoder();
    expect(decoder.push(bytesOf(`${"x".repeat(maxLineBytes)}\n`))[0]?.length).toBe(maxLineBytes);
    const tooLong = new LineDecoder();
    tooLong.push(bytesOf("x".repeat(maxLineBytes)));
    expect(() => tooLong.push(bytesOf("x"))).toThrow(LineTooLong);
  });
});
