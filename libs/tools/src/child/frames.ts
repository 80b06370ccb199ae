import type { CodeOf } from '@interlock/contracts';
/** What came over a pipe is not what the other side may say; whoever sent it cannot be trusted any more. */
export class FrameError extends Error {
  readonly code = 'child.frame' satisfies CodeOf<'fault'>;
}

const HEADER_BYTES = 4;

/** Messages, each in JSON already, as one frame: a length, then a list. */
export function frameOf(messages: readonly string[]): Buffer {
  const body = `[${messages.join(',')}]`;
  const length = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(body, HEADER_BYTES);
  return frame;
}

/** Puts frames together again from the pieces in which they arrive; never keeps more than the largest one allowed. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(
    readonly bytesMax: number,
    readonly parse: (text: string) => unknown = JSON.parse,
  ) {}

  /** @throws {FrameError} a frame is too large, or is not a list in JSON */
  take(piece: Buffer): unknown[] {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const found: unknown[] = [];
    for (let length = this.#nextLength(); length !== undefined; length = this.#nextLength()) {
      const messages = this.#parsed(this.#cut(HEADER_BYTES + length).toString('utf8', HEADER_BYTES));
      found.push(...messages);
    }
    return found;
  }

  /** Of the next frame, once all of it is there. */
  #nextLength(): number | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    const length = this.#joined(HEADER_BYTES).readUInt32BE(0);
    if (length > this.bytesMax)
      throw new FrameError(`a message of ${length} bytes; at most ${this.bytesMax}`);
    return this.#bytes < HEADER_BYTES + length ? undefined : length;
  }

  #parsed(text: string): unknown[] {
    let messages: unknown;
    try {
      messages = this.parse(text);
    } catch {
      throw new FrameError('a message that is not JSON');
    }
    if (!Array.isArray(messages)) throw new FrameError('a message that is not a list');
    return messages;
  }

  /** The first piece, with at least so many bytes. */
  #joined(bytes: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= bytes) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  #cut(bytes: number): Buffer {
    const all = this.#joined(bytes);
    this.#pieces[0] = all.subarray(bytes);
    if (all.length === bytes) this.#pieces.shift();
    this.#bytes -= bytes;
    return all.subarray(0, bytes);
  }
}
