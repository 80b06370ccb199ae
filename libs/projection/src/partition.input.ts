import type { TopicSpec } from '@interlock/contracts';
import {
  type Accepted,
  AppendReader,
  type LogRecord,
  open,
  type Position,
  type ReadRecord,
  startingAt,
} from '@interlock/log';

/** How far a partition is read, as it is stored with the rows: where to go on, and how to see that the log is still the same one. */
export interface InputPosition {
  /** Behind the last whole append. */
  readonly position: Position;
  /** Offset of the last record that was read; -1: none. */
  readonly last: number;
  /** `h` header of that record. */
  readonly link: Uint8Array;
}

/** Reads one partition into rows that are stored with their position: only what every reader accepts, each record once. */
export interface PartitionInput {
  /**
   * Records that `record` makes readable: a whole append of a fenced topic, one record of any other.
   * @throws {CorruptLogError} the log breaks its own rule
   */
  take(record: ReadRecord): readonly Accepted[];
  /** Where to go on after a restart. */
  readonly position: InputPosition;
  /** The next offset wanted; earlier ones are passed over. */
  readonly next: number;
}

/** @param from as stored; absent: the first record */
export const inputOf = (
  topic: Pick<TopicSpec, 'name' | 'kind'>,
  partition: number,
  from: InputPosition = beginning,
): PartitionInput =>
  topic.kind === 'fenced' ? new FencedInput(topic.name, partition, from) : new PlainInput(from);

const beginning: InputPosition = { position: startingAt(0), last: -1, link: new Uint8Array() };
const none: readonly Accepted[] = [];

class FencedInput implements PartitionInput {
  readonly #reader: AppendReader;
  #last: Pick<InputPosition, 'last' | 'link'>;

  constructor(topic: string, partition: number, from: InputPosition) {
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

class PlainInput implements PartitionInput {
  #next: number;
  #last: Pick<InputPosition, 'last' | 'link'>;

  constructor(from: InputPosition) {
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
