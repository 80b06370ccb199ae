import type { Follower, StoredRecord } from '@interlock/broker';
import { GENESIS, type LogRecord, type Meta, seal } from '@interlock/log';
import type { ReadingBroker } from '../src/index.js';

/** A fenced partition as hosts write it, one of them deposed. */
export class FencedLog {
  readonly records: StoredRecord[] = [];
  #epoch = -1;
  #index = 0;

  claim(): this {
    this.#epoch = this.records.length;
    this.#index = 0;
    return this.#land('host.claimed/1', {}, { epoch: -1, index: 0 });
  }

  /** The next record of the host whose claim is the latest one. */
  append(wire: string, data: unknown, more: Partial<Meta> = {}): this {
    this.#index += 1;
    return this.#land(wire, data, { epoch: this.#epoch, index: this.#index, ...more });
  }

  /** A record of a host that was deposed long ago. */
  appendDeposed(wire: string): this {
    return this.#land(wire, {}, { epoch: this.#epoch - 1, index: 1 });
  }

  /** Changes a record behind the back of its author. */
  forge(offset: number, value: string): this {
    const forged = this.records[offset];
    if (forged !== undefined) this.records[offset] = { ...forged, value: Buffer.from(value) };
    return this;
  }

  #land(wire: string, data: unknown, { epoch, index, ...more }: Partial<Meta>): this {
    const offset = this.records.length;
    const meta = { id: `id-${offset}`, time: offset, epoch: epoch ?? -1, index: index ?? 0, ...more };
    const { record } = seal({ key: 'k', wire, meta, value: Buffer.from(JSON.stringify(data)) }, GENESIS);
    this.records.push(copied(record, offset));
    return this;
  }
}

/** As it comes from a disk: bytes that nobody in this process has sealed. */
const copied = ({ key, headers, value }: LogRecord, offset: number): StoredRecord => ({
  key,
  offset,
  value: value && Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)])),
});

/** One partition that is there already, and what a test hands to those who follow it. */
export class OnePartition implements ReadingBroker {
  followers: Follower[] = [];

  constructor(
    readonly records: StoredRecord[],
    readonly start = 0,
  ) {}

  async partitions() {
    return 1;
  }

  async bounds() {
    return { start: this.start, end: this.records.length };
  }

  async *read(_topic: string, _partition: number, from: number) {
    for (const record of this.records.slice(from)) yield [record];
  }

  async follow(_topic: string, _partition: number, from: number, follower: Follower) {
    this.followers.push(follower);
    const there = this.records.slice(from);
    if (there.length > 0) follower.records(there);
    return {
      stop: async () => {
        this.followers = this.followers.filter((one) => one !== follower);
      },
    };
  }

  /** More records come. */
  come(...records: StoredRecord[]): void {
    this.records.push(...records);
    for (const { records: take } of this.followers) take(records);
  }
}

/** Records of a plain topic, from `first` on. */
export const plainRecords = (first: number, count: number): StoredRecord[] =>
  Array.from({ length: count }, (_, place) => ({
    key: 'k',
    offset: first + place,
    headers: {},
    value: Buffer.from(String(first + place)),
  }));
