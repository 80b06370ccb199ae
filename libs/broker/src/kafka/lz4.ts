import { UnreadableBatchError } from '../errors.js';
import { Unpacked } from './unpacked.js';

/* https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md: frames of blocks. Checksums are not compared: the broker has its own. */

const MAGIC = 0x184d2204;
const HAS_BLOCK_CHECKSUMS = 0x10;
const HAS_SIZE = 0x08;
const HAS_CHECKSUM = 0x04;
const HAS_DICTIONARY = 0x01;
const IS_RAW = 0x80000000;
const SHORTEST_REPEAT = 4;

/** @throws {UnreadableBatchError} */
export function fromLz4(bytes: Buffer, out = new Unpacked()): Buffer {
  for (let at = 0; at < bytes.length; ) at = unpackFrame(bytes, at, out);
  return out.bytes();
}

/** Answers where the frame ends. */
function unpackFrame(bytes: Buffer, start: number, out: Unpacked): number {
  if (bytes.readUInt32LE(start) !== MAGIC) throw new UnreadableBatchError('it is no frame of LZ4');
  const flags = bytes.readUInt8(start + 4);
  if (flags & HAS_DICTIONARY) throw new UnreadableBatchError('it needs a dictionary');
  let at = start + 7 + (flags & HAS_SIZE ? 8 : 0);
  for (;;) {
    const size = bytes.readUInt32LE(at);
    at += 4;
    if (size === 0) return at + (flags & HAS_CHECKSUM ? 4 : 0);
    const length = size & ~IS_RAW;
    if (size >= IS_RAW) out.take(bytes, at, length);
    else unpackBlock(bytes.subarray(at, at + length), out);
    at += length + (flags & HAS_BLOCK_CHECKSUMS ? 4 : 0);
  }
}

function unpackBlock(bytes: Buffer, out: Unpacked): void {
  let at = 0;
  /** A count goes on in further bytes for as long as they are full. */
  const whole = (count: number): number => {
    if (count < 15) return count;
    for (let sum = count; ; ) {
      const byte = bytes.readUInt8(at);
      at += 1;
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  while (at < bytes.length) {
    const token = bytes.readUInt8(at);
    at += 1;
    const literals = whole(token >> 4);
    out.take(bytes, at, literals);
    at += literals;
    if (at === bytes.length) return;
    const back = bytes.readUInt16LE(at);
    at += 2;
    out.repeat(back, whole(token & 15) + SHORTEST_REPEAT);
  }
}
