import { errorOf } from '@interlock/contracts';
import type { Offset, StoredRecord } from '../broker.js';
import { OffsetOutOfRangeError } from '../errors.js';
import type { PartitionLog, Tail } from './partition.log.js';
import type { Reader } from './reader.js';

/**
 * One reader's place in a partition. Behind the end it reads the disk chunk by chunk, a turn of the event loop each; at the end it hangs on
 * to the log and gets records as they are committed. The change from one to the other happens within one turn, so nothing is lost or repeated.
 */
export class Cursor implements Tail {
  #next: Offset | undefined;
  #isPaused = false;
  /** Rises with every seek, pause, resume and stop: a read that was started before delivers nothing. */
  #turn = 0;

  constructor(
    readonly log: PartitionLog,
    readonly reader: Reader,
    readonly deliver: (records: readonly StoredRecord[]) => void,
    readonly fail: (error: Error) => void,
  ) {}

  seek(offset: Offset): void {
    this.#interrupt();
    this.#next = offset;
    this.#goOn();
  }

  pause(): void {
    this.#interrupt();
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn();
  }

  stop(): void {
    this.#interrupt();
    this.#next = undefined;
  }

  records(records: readonly StoredRecord[]): void {
    // Sought elsewhere or paused by a callback of the same commit.
    if (this.#isPaused || records[0]?.offset !== this.#next) return;
    this.#next = this.log.end;
    this.#hand(records);
  }

  #interrupt(): void {
    this.#turn += 1;
    this.log.detach(this);
  }

  #goOn(): void {
    if (this.#isPaused || this.#next === undefined) return;
    if (this.#next === this.log.end) {
      this.log.attach(this);
    } else {
      const turn = ++this.#turn;
      setImmediate(() => this.#readOn(turn));
    }
  }

  #readOn(turn: number): void {
    if (turn !== this.#turn || this.#next === undefined) return;
    const found = this.#read(this.#next);
    if (found === undefined) return;
    this.#next = found.next;
    if (found.records.length > 0) this.#hand(found.records);
    if (turn === this.#turn) this.#goOn();
  }

  #read(from: Offset) {
    const { start, end, topic, partition } = this.log;
    try {
      if (from < start || from > end) {
        throw new OffsetOutOfRangeError(topic, partition, from, start, end);
      }
      return this.reader.chunk(this.log, from, end);
    } catch (error) {
      this.#give(errorOf(error));
      return undefined;
    }
  }

  /** If a callback throws, only its own reader fails. */
  #hand(records: readonly StoredRecord[]): void {
    try {
      this.deliver(records);
    } catch (error) {
      this.#give(errorOf(error));
    }
  }

  #give(error: Error): void {
    this.stop();
    this.fail(error);
  }
}
