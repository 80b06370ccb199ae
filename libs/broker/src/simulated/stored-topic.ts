import type { Bounds, NewRecord, StoredRecord } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';

/** The records of one simulated partition: the cluster's memory, which no process crash touches. */
export class StoredPartition {
  start = 0;
  readonly #records: (StoredRecord | undefined)[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly compacted: boolean,
  ) {}

  get bounds(): Bounds {
    return { start: this.start, end: this.end };
  }

  get end(): number {
    return this.#records.length;
  }

  /** Writes a batch, whole; answers with its first offset. */
  land(records: readonly NewRecord[]): number {
    const first = this.#records.length;
    for (const record of records) this.#records.push({ ...record, offset: this.#records.length });
    if (this.compacted) this.#compact();
    for (const watcher of this.#watchers) watcher();
    return first;
  }

  /** @throws {OffsetOutOfRangeError} */
  slice(from: number, most: number): StoredRecord[] {
    this.check(from);
    const found: StoredRecord[] = [];
    for (let at = from; at < this.#records.length && found.length < most; at++) {
      const record = this.#records[at];
      if (record !== undefined) found.push(record);
    }
    return found;
  }

  /** @throws {OffsetOutOfRangeError} `from` lies in front of the first record or behind `last` */
  check(from: number, last = this.bounds.end): void {
    const { start, end } = this.bounds;
    if (from < start || from > last)
      throw new OffsetOutOfRangeError(this.topic, this.partition, from, start, end);
  }

  trim(before: number): void {
    const { end } = this.bounds;
    const to = Math.min(before, end);
    for (let at = this.start; at < to; at++) this.#records[at] = undefined;
    this.start = Math.max(this.start, to);
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #compact(): void {
    const newest = new Map<string, number>();
    this.#records.forEach((record, at) => {
      if (record !== undefined) newest.set(record.key, at);
    });
    const last = this.#records.length - 1;
    this.#records.forEach((record, at) => {
      if (record !== undefined && newest.get(record.key) !== at && at !== last) this.#records[at] = undefined;
    });
  }
}

/** What was sent is nobody's buffer any more. */
export function copyOf({ key, headers, value }: NewRecord): NewRecord {
  const copied = Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)] as const);
  return { key, headers: Object.fromEntries(copied), value: value === null ? null : Buffer.from(value) };
}
