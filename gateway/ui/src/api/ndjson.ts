/** The longest line the contract allows (design section 3.2), in bytes. */
export const maxLineBytes = 2 * 1024 * 1024;

export class LineTooLong extends Error {
  constructor() {
    super(`a line of the stream is longer than ${maxLineBytes} bytes`);
    this.name = "LineTooLong";
  }
}

const newline = 0x0a;

/**
 * LineDecoder turns chunks of bytes into lines. Chunks are cut on bytes, so that a character that is
 * split between two chunks is decoded only once it is whole.
 */
export class LineDecoder {
  private readonly decoder = new TextDecoder("utf-8");
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;

  /** push returns the lines that the chunk completes; empty ones are left out. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.keep(chunk.subarray(start, end));
      const line = this.take();
      if (line.trim() !== "") lines.push(line);
      start = end + 1;
    }
    // A copy: the reader may reuse the buffer, and a view of one line would hold the whole chunk.
    if (start < chunk.length) this.keep(chunk.slice(start));
    return lines;
  }

  /** rest is what came after the last newline: a line without its end, if anything. */
  rest(): string {
    return this.take();
  }

  private keep(bytes: Uint8Array) {
    this.pendingBytes += bytes.length;
    if (this.pendingBytes > maxLineBytes) throw new LineTooLong();
    this.pending.push(bytes);
  }

  private take(): string {
    const whole = this.pending.length === 1 ? this.pending[0] : joined(this.pending, this.pendingBytes);
    this.pending = [];
    this.pendingBytes = 0;
    return this.decoder.decode(whole);
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
