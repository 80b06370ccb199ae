import { UnreadableBatchError } from '../errors.js';
import { Unpacked } from './unpacked.js';

/* https://github.com/google/snappy/blob/main/format_description.txt, and the frame of its library for Java around it. */

const FRAMED = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** The mark and two versions. */
const FRAME_HEAD = 16;

/** @throws {UnreadableBatchError} */
export function fromSnappy(bytes: Buffer, out = new Unpacked()): Buffer {
  if (!bytes.subarray(0, FRAMED.length).equals(FRAMED)) unpackBlock(bytes, out);
  else
    for (let at = FRAME_HEAD; at < bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at);
      unpackBlock(bytes.subarray(at + 4, end), out);
      at = end;
    }
  return out.bytes();
}

function unpackBlock(bytes: Buffer, out: Unpacked): void {
  for (let at = behindLength(bytes); at < bytes.length; ) {
    const tag = bytes.readUInt8(at);
    at += 1;
    switch (tag & 3) {
      case 0: {
        const inTag = (tag >> 2) + 1;
        const more = Math.max(0, inTag - 60);
        const count = more === 0 ? inTag : bytes.readUIntLE(at, more) + 1;
        out.take(bytes, at + more, count);
        at += more + count;
        break;
      }
      case 1:
        out.repeat(((tag >> 5) << 8) | bytes.readUInt8(at), ((tag >> 2) & 7) + 4);
        at += 1;
        break;
      case 2:
        out.repeat(bytes.readUInt16LE(at), (tag >> 2) + 1);
        at += 2;
        break;
      default:
        out.repeat(bytes.readUInt32LE(at), (tag >> 2) + 1);
        at += 4;
    }
  }
}

/** A block begins with how long it is unpacked, seven bits a byte: nothing is believed of it. */
function behindLength(bytes: Buffer): number {
  const last = bytes.subarray(0, 5).findIndex((byte) => byte < 0x80);
  if (last < 0) throw new UnreadableBatchError('it does not say how long it is');
  return last + 1;
}
