import { hash } from 'node:crypto';

/** What the first record of a chain names as the one before it. */
export const GENESIS: Uint8Array = Buffer.alloc(32);

/** What the hash of a record covers: all of it but the header `h`, as it is stored. */
export interface HashedBytes {
  /** Names the run wherever `m` does not: a record under another key is another record. */
  readonly key: string;
  readonly t: Uint8Array;
  readonly m: Uint8Array;
  readonly value: Uint8Array;
}

/** sha256(previous | len(key) | key | len(t) | t | len(m) | m | len(value) | value), lengths as 4 bytes big-endian; `previous` is 32 bytes. */
export function linkHash(previous: Uint8Array, { key, t, m, value }: HashedBytes): Buffer {
  const parts = [Buffer.from(key), t, m, value];
  const length = parts.reduce((sum, part) => sum + 4 + part.length, previous.length);
  const bytes = Buffer.allocUnsafe(length);
  let at = copy(bytes, previous, 0);
  for (const part of parts) {
    at = bytes.writeUInt32BE(part.length, at);
    at = copy(bytes, part, at);
  }
  return hash('sha256', bytes, 'buffer');
}

function copy(target: Buffer, source: Uint8Array, at: number): number {
  target.set(source, at);
  return at + source.length;
}
