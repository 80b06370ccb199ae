import type { DecisionPlace } from './decision.js';

/**
 * Places of decisions of one run that follow one another, as one block of bytes: the partition; then of each the distance of its offset
 * to the one before (of the first, its offset) and how many events it holds. The seq of the first event stands beside the block. Numbers
 * have seven bits a byte, the lowest first, and the eighth bit says that more follow: a place takes two or three bytes.
 */
export function packPlaces(places: readonly DecisionPlace[]): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  pushNumber(bytes, places[0]?.partition ?? 0);
  for (const { offset, seq, lastSeq } of places) {
    pushNumber(bytes, offset - before);
    pushNumber(bytes, lastSeq - seq + 1);
    before = offset;
  }
  return Uint8Array.from(bytes);
}

/** @param seq of the first event */
export function unpackPlaces(packed: Uint8Array, seq: number): DecisionPlace[] {
  const places: DecisionPlace[] = [];
  let at = 0;
  const next = (): number => {
    let number = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = packed[at++] ?? 0;
      number += (byte % 128) * unit;
      if (byte < 128) return number;
    }
  };
  const partition = next();
  let offset = 0;
  for (let first = seq; at < packed.length; ) {
    offset += next();
    const count = next();
    places.push({ partition, offset, seq: first, lastSeq: first + count - 1 });
    first += count;
  }
  return places;
}

function pushNumber(bytes: number[], number: number): void {
  let left = number;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  bytes.push(left);
}
