import { setTimeout as sleep } from 'node:timers/promises';
import type { Offset, StoredRecord } from '@interlock/broker';

export interface LanePorts {
  /** Handles one record, and tries again until it is handled. Answers false when it was let go of: at once after `ended`. */
  handle(record: StoredRecord, ended: AbortSignal): Promise<boolean>;
  /** Says that everything in front of it is handled. */
  commit(next: Offset): Promise<void>;
  pause(): void;
  resume(): void;
}

/** As many records wait for their turn at most, about. */
const WAITING_MAX = 500;
const COMMIT_EVERY = 100;

/** The records of one partition, one after another: the next begins when the one before it is handled. */
export class TopicLane {
  readonly #queue: StoredRecord[] = [];
  #working: Promise<void> | undefined;
  readonly #ended = new AbortController();
  /** Somebody else may hold the partition by now: nothing is committed any more. */
  #isLeft = false;
  #isPaused = false;

  /** @param leaveMs how long `end` waits at most */
  constructor(
    private readonly ports: LanePorts,
    private readonly leaveMs: number,
  ) {}

  get isEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  take(records: readonly StoredRecord[]): void {
    if (this.isEnded) return;
    this.#queue.push(...records);
    if (!this.#isPaused && this.#queue.length > WAITING_MAX) {
      this.#isPaused = true;
      this.ports.pause();
    }
    this.#working ??= this.#work();
  }

  /** Lets go of what waits; resolves when the record under way is handled or let go of, and in time in any case: who holds up a rebalance loses its place in the group. */
  async end(): Promise<void> {
    this.#ended.abort();
    const late = new AbortController();
    const left = sleep(this.leaveMs, undefined, { signal: late.signal }).then(
      () => {
        this.#isLeft = true;
      },
      () => undefined,
    );
    await Promise.race([this.#working, left]);
    late.abort();
  }

  async #work(): Promise<void> {
    let handled = 0;
    for (let record = this.#queue[0]; record !== undefined && !this.isEnded; record = this.#queue[0]) {
      if (!(await this.ports.handle(record, this.#ended.signal)) || this.#isLeft) break;
      this.#queue.shift();
      handled += 1;
      if (this.#queue.length === 0 || handled % COMMIT_EVERY === 0 || this.isEnded)
        await this.ports.commit(record.offset + 1);
      this.#resume();
    }
    this.#working = undefined;
  }

  #resume(): void {
    if (!this.#isPaused || this.#queue.length > WAITING_MAX / 2) return;
    this.#isPaused = false;
    this.ports.resume();
  }
}
