import { type Position, startingAt } from '@interlock/log';

/** How far a reader of `run.events` has come in one partition. */
export interface FeedPlace {
  /** In front of the next record. */
  readonly at: Position;
  /** Events of that record that were told already. */
  readonly told: number;
}

/** Behind everything in front of an offset. */
export const feedFrom = (offset: number): FeedPlace => ({ at: startingAt(offset), told: 0 });

const FORM = 1;

/**
 * Where a reader of all partitions stands, as one text for programs that keep it and give it back: base64url of the form, then for each
 * partition four numbers of seven bits a byte, the lowest first, whose eighth bit says that more follow.
 */
export class FeedPositionText {
  readonly #packed: number[][];

  constructor(places: readonly FeedPlace[]) {
    this.#packed = places.map(pack);
  }

  set(partition: number, place: FeedPlace): void {
    this.#packed[partition] = pack(place);
  }

  get text(): string {
    return Buffer.from([FORM, ...this.#packed.flat()]).toString('base64url');
  }
}

/** Undefined: no such text ever came from here, or not about so many partitions. */
export function parseFeedPosition(text: string, partitions: number): readonly FeedPlace[] | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text || bytes[0] !== FORM) return undefined;
  const numbers = unpack(bytes.subarray(1));
  if (numbers.length !== partitions * FIELDS || !numbers.every(Number.isSafeInteger)) return undefined;
  const places: FeedPlace[] = [];
  for (let at = 0; at < numbers.length; at += FIELDS) {
    const [offset = 0, behind = 0, index = 0, told = 0] = numbers.slice(at, at + FIELDS);
    if (behind > offset + 1) return undefined;
    places.push({ at: { offset, epoch: offset - behind, index }, told });
  }
  return places;
}

const FIELDS = 4;

/** The epoch as its distance to the offset, which is short in a partition that changes hands now and then; it is -1 before the first claim. */
function pack({ at: { offset, epoch, index }, told }: FeedPlace): number[] {
  const bytes: number[] = [];
  for (const number of [offset, offset - epoch, index, told]) {
    let left = number;
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
    bytes.push(left);
  }
  return bytes;
}

function unpack(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let number = 0;
  let unit = 1;
  for (const byte of bytes) {
    number += (byte % 128) * unit;
    unit *= 128;
    if (byte >= 128) continue;
    numbers.push(number);
    number = 0;
    unit = 1;
  }
  return unit === 1 ? numbers : [];
}
