/**
 * The reader's rule of a fenced log.
 *
 * 1. A claim is accepted whenever it is met; its offset is the epoch of what follows.
 * 2. Any other record is accepted only when it names the latest claim and its index is the next one.
 * 3. A record of an older claim, a repeated index, or one without valid headers is ignored.
 * 4. An index past the next one is corruption.
 * 5. The first record after a claim names the last one accepted before it; a difference is corruption.
 *
 * Every reader applies it to the same order, so all accept the same records.
 */
import { CorruptLogError } from './errors.js';
import { type Position, startingAt } from './position.js';
import { isIntact, type LogRecord, type Opened, open } from './record.js';

export interface ReadRecord extends LogRecord {
  readonly offset: number;
}

/** A record that every reader accepts. */
export interface Accepted extends Opened {
  readonly offset: number;
  readonly record: ReadRecord;
}

export const isClaim = ({ wires: [wire] }: Opened): boolean => wire?.startsWith('host.claimed/') === true;

export class FencedReader {
  #position: Position;
  /** Last record accepted before the latest claim, when this reader saw it. */
  #before: Position | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    from: Position = startingAt(0),
  ) {
    this.#position = from;
    this.#before = undefined;
  }

  get position(): Position {
    return this.#position;
  }

  /**
   * Takes the next record of the partition; answers with it when it is accepted.
   * @throws {CorruptLogError} a gap, or bytes that are not the ones that were hashed
   */
  take(record: ReadRecord): Accepted | undefined {
    const opened = open(record, this);
    const next = { ...this.#position, offset: record.offset + 1 };
    if (opened === undefined) {
      this.#position = next;
      return undefined;
    }
    if (isClaim(opened)) return this.#claim(record, opened);
    const { epoch, index } = opened.meta;
    if (epoch !== this.#position.epoch || index <= this.#position.index) {
      this.#position = next;
      return undefined;
    }
    this.#check(record, opened); // 4, 5
    this.#position = { offset: record.offset + 1, epoch, index };
    return accepted(record, opened);
  }

  #claim(record: ReadRecord, opened: Opened): Accepted {
    this.#intact(record, opened);
    const { offset } = record;
    // Before the first claim it is not known what came before it: it may have been trimmed.
    this.#before = this.#position.epoch === -1 && offset > 0 ? undefined : this.#position;
    this.#position = { offset: offset + 1, epoch: offset, index: 0 };
    return accepted(record, opened);
  }

  #check(record: ReadRecord, opened: Opened): void {
    const { index, after } = opened.meta;
    const expected = this.#position.index + 1;
    if (index !== expected) this.#corrupt(record, `index ${index} follows ${expected - 1} of the same claim`);
    if (index === 1 && this.#before !== undefined && after !== undefined) {
      const { epoch, index: last } = this.#before;
      if (after.epoch !== epoch || after.index !== last) {
        this.#corrupt(
          record,
          `its claim followed ${after.epoch}.${after.index}, but ${epoch}.${last} was accepted last`,
        );
      }
    }
    this.#intact(record, opened);
  }

  #intact(record: ReadRecord, opened: Opened): void {
    if (!isIntact(record, opened)) this.#corrupt(record, 'its bytes do not fit its hash');
  }

  #corrupt(record: ReadRecord, detail: string): never {
    throw new CorruptLogError(this.topic, this.partition, record.offset, detail);
  }
}

const accepted = (record: ReadRecord, opened: Opened): Accepted => ({
  ...opened,
  offset: record.offset,
  record,
});

/**
 * Collects accepted records into whole appends, so that a position stands only between two of them.
 * An append ends with the record that carries the cursor; a claim is one by itself.
 */
export class AppendReader {
  readonly #reader: FencedReader;
  #open: Accepted[] = [];
  #start: Position;

  constructor(topic: string, partition: number, from: Position) {
    this.#reader = new FencedReader(topic, partition, from);
    this.#start = from;
  }

  /** The next whole append, when `record` ends one: its records, and the positions before and behind it. */
  take(record: ReadRecord): WholeAppend | undefined {
    const taken = this.#reader.take(record);
    if (taken === undefined) {
      if (this.#open.length === 0) this.#start = this.#reader.position;
      return undefined;
    }
    if (isClaim(taken)) this.#open = [];
    this.#open.push(taken);
    if (taken.meta.cursor === undefined && !isClaim(taken)) return undefined;
    const append = { records: this.#open, start: this.#start, end: this.#reader.position };
    this.#open = [];
    this.#start = append.end;
    return append;
  }

  /** The next offset to read: behind everything taken so far, whole or not. */
  get nextOffset(): number {
    return this.#reader.position.offset;
  }

  /** Behind the last whole append and everything ignored after it. */
  get position(): Position {
    return this.#start;
  }
}

export interface WholeAppend {
  readonly records: readonly Accepted[];
  readonly start: Position;
  readonly end: Position;
}
