import type { StoredRecord } from '../broker.js';
import type { StoredPartition } from './stored-topic.js';
import type { Latencies, World } from './world.js';

/** Hands the records of one partition to one reader, in order, each chunk a little later than it landed. */
export class Delivery {
  #next: number;
  #paused = false;
  #due = false;
  #stopped = false;
  #turn = 0;
  readonly #unwatch: () => void;

  constructor(
    readonly world: World,
    readonly latencies: Latencies,
    readonly stored: StoredPartition,
    from: number,
    /** Runs only while the reader's process is alive and awake. */
    readonly hand: (records: readonly StoredRecord[]) => void,
  ) {
    this.#next = from;
    this.#unwatch = stored.watch(() => this.#plan());
    this.#plan();
  }

  seek(offset: number): void {
    this.#next = offset;
    this.#turn += 1;
    this.#due = false;
    this.#plan();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
  }

  #plan(): void {
    if (this.#due || this.#paused || this.#stopped || this.#next >= this.stored.bounds.end) return;
    this.#due = true;
    const turn = this.#turn;
    this.world.after(this.world.random() * this.latencies.deliveryMax, () => {
      if (turn !== this.#turn || this.#stopped) return;
      this.#due = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#paused) return;
    const most = 1 + Math.floor(this.world.random() * 20);
    const from = Math.max(this.#next, this.stored.start);
    const records = this.stored.slice(from, most);
    const last = records.at(-1);
    this.#next = last === undefined ? this.stored.bounds.end : last.offset + 1;
    if (records.length > 0) this.hand(records);
    this.#plan();
  }
}
