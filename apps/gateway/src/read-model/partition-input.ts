import {
  type Accepted,
  AppendReader,
  type LogRecord,
  open,
  type ReadRecord,
  startingAt,
} from '@interlock/log';
import type { InputPosition } from './read-store.js';

/** One partition of one topic on its way into the read model: only what every reader accepts, each record once. */
export interface PartitionInput {
  /** Records that `record` makes readable: a whole append of a fenced topic, one record of a plain one. */
  take(record: ReadRecord): readonly Accepted[];
  /** Where to go on after a restart. */
  readonly position: InputPosition;
  /** The next offset wanted; earlier ones are ignored. */
  readonly next: number;
}

const beginning: InputPosition = { position: startingAt(0), last: -1, link: new Uint8Array() };
const none: readonly Accepted[] = [];

/** @throws {CorruptLogError} from `take`, where the log breaks its own rule */
export class FencedInput implements PartitionInput {
  readonly #reader: AppendReader;
  #last: Pick<InputPosition, 'last' | 'link'>;

  constructor(topic: string, partition: number, from: InputPosition = beginning) {
    this.#reader = new AppendReader(topic, partition, from.position);
    this.#last = from;
  }

  take(record: ReadRecord): readonly Accepted[] {
    if (record.offset < this.next) return none;
    const append = this.#reader.take(record);
    this.#last = lastOf(record);
    return append?.records ?? none;
  }

  get next(): number {
    return this.#reader.nextOffset;
  }

  get position(): InputPosition {
    return { position: this.#reader.position, last: this.#last.last, link: this.#last.link };
  }
}

export class PlainInput implements PartitionInput {
  #next: number;
  #last: Pick<InputPosition, 'last' | 'link'>;

  constructor(from: InputPosition = beginning) {
    this.#next = from.position.offset;
    this.#last = from;
  }

  take(record: ReadRecord): readonly Accepted[] {
    if (record.offset < this.#next) return none;
    this.#next = record.offset + 1;
    this.#last = lastOf(record);
    const opened = open(record);
    return opened === undefined ? none : [{ ...opened, offset: record.offset, record }];
  }

  get next(): number {
    return this.#next;
  }

  get position(): InputPosition {
    return { position: startingAt(this.#next), last: this.#last.last, link: this.#last.link };
  }
}

const lastOf = (record: ReadRecord) => ({ last: record.offset, link: linkOf(record) });
const nothing = new Uint8Array();
const linkOf = (record: LogRecord): Uint8Array => record.headers.h ?? nothing;
