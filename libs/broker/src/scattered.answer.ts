import { type Offset, READ_AT_BYTES, type StoredRecord } from './broker.js';

/** Offsets that lie this far apart are read together with what lies between them: that costs less than asking once more. */
const NEAR = 32;

/** The answer to one `readAt` while it is put together from pieces of the partition. */
export class ScatteredAnswer {
  readonly records: StoredRecord[] = [];
  #at = 0;
  #bytes = 0;

  /** @param offsets ascending */
  constructor(readonly offsets: readonly Offset[]) {}

  /** Until it is enough. */
  get bytesLeft(): number {
    return Math.max(0, READ_AT_BYTES - this.#bytes);
  }

  /** Where the next piece begins; undefined: nothing more is wanted, or it is enough. */
  get next(): Offset | undefined {
    return this.bytesLeft === 0 ? undefined : this.offsets[this.#at];
  }

  /** Where the next piece ends: behind the last of the offsets that follow `next` closely. */
  get nearEnd(): Offset {
    let last = this.offsets[this.#at] ?? 0;
    for (let at = this.#at + 1; at < this.offsets.length; at++) {
      const offset = this.offsets[at] ?? 0;
      if (offset > last + NEAR) break;
      last = offset;
    }
    return last + 1;
  }

  /** Takes the records from `next` on, in order, all there are in front of `end`. */
  take(records: readonly StoredRecord[], end: Offset): void {
    for (const record of records) {
      this.#passTo(record.offset);
      if (this.next !== record.offset) continue;
      this.records.push(record);
      this.#bytes += sizeOf(record);
    }
    this.#passTo(end);
  }

  /** What was wanted in front of `offset` and did not come is not there. */
  #passTo(offset: Offset): void {
    if (this.next === undefined) return;
    while ((this.offsets[this.#at] ?? Number.POSITIVE_INFINITY) < offset) this.#at++;
  }
}

function sizeOf({ value, headers }: StoredRecord): number {
  let bytes = value?.length ?? 0;
  for (const name in headers) bytes += headers[name]?.length ?? 0;
  return bytes;
}
