import type { Offset, StoredRecord } from '../broker.js';

/** Whoever is at the end of a partition and takes records as they become durable. */
export interface Tail {
  records(records: readonly StoredRecord[]): void;
}

/** One partition as this process sees it. All fields are next offsets: the first one not covered. */
export class PartitionLog {
  /** The next offset to give; appends up to it may not be on the disk yet. */
  assigned: Offset;
  readonly #tails = new Set<Tail>();

  /**
   * @param start first readable offset
   * @param end everything in front of it is on the disk and may be read
   * @param compactedTo everything in front of it has been through a compaction
   */
  constructor(
    readonly id: number,
    readonly topic: string,
    readonly partition: number,
    readonly isCompacted: boolean,
    public start: Offset,
    public end: Offset,
    public compactedTo: Offset,
  ) {
    this.assigned = end;
  }

  /** `tail` has everything in front of `end` and wants the rest as it comes. */
  attach(tail: Tail): void {
    this.#tails.add(tail);
  }

  detach(tail: Tail): void {
    this.#tails.delete(tail);
  }

  /** The records that follow `end` are on the disk. Every tail gets the same objects. */
  committed(records: readonly StoredRecord[]): void {
    this.end += records.length;
    // A copy: a tail may come back within its own callback, and must not get the same records again.
    for (const tail of [...this.#tails]) tail.records(records);
  }
}
