import { hash } from 'node:crypto';

/** What the first record of a chain names as the one before it. */
export const GENESIS: Uint8Array = Buffer.alloc(32);

/**
 * sha256(previous | len(t) | t | len(m) | m | len(value) | value), lengths as 4 bytes big-endian, over the bytes as stored.
 * `previous` is 32 bytes.
 */
export function linkHash(previous: Uint8Array, t: Uint8Array, m: Uint8Array, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(previous.length + 12 + t.length + m.length + value.length);
  let at = copy(bytes, previous, 0);
  for (const part of [t, m, value]) {
    at = bytes.writeUInt32BE(part.length, at);
    at = copy(bytes, part, at);
  }
  return hash('sha256', bytes, 'buffer');
}

function copy(target: Buffer, source: Uint8Array, at: number): number {
  target.set(source, at);
  return at + source.length;
}
