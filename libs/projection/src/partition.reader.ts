/**
 * Reads one partition whole, without a group: every reader gets everything.
 *
 * R1. Records are handed over in order, each once; the next ones only when the sink is done with those before.
 * R2. If the sink throws, the reader stops before these records, and so it does if the broker reads no further. `stopped` is called once.
 * R3. It commits nothing, so no topic is kept for it.
 */
import type { Broker, StoredRecord } from '@interlock/broker';
import { errorOf } from '@interlock/contracts';

/** Where a partition's records go. */
export interface PartitionSink {
  /** The next records, in order. If it throws, the reader stops. */
  take(records: readonly StoredRecord[]): void | Promise<void>;
  /**
   * Resolves when the records taken so far have been processed. A partition is read up to its end at the pace of a sink that has it, so that a long
   * first reading does not fill the memory, and is followed only then.
   */
  settle?(): Promise<void>;
  /** Called once: the partition is read no further. */
  stopped(error: Error): void;
}

/** The part of a broker that readers need. */
export type ReadingBroker = Pick<Broker, 'bounds' | 'read' | 'follow' | 'partitions'>;

const BATCHES_UNSETTLED_MAX = 16;
const POLL_MS = 5;

export class PartitionReader {
  #next: number;
  /** Where the partition ended at the start. */
  #end = Number.POSITIVE_INFINITY;
  #trouble: Error | undefined;
  #follows: Promise<{ stop(): Promise<void> }> | undefined;
  /** While the sink processes the records before. */
  #taking: Promise<void> | undefined;
  #isStopped = false;

  /** @param from the first offset wanted; what was cut away in front of the first that is left is passed over */
  constructor(
    readonly broker: Omit<ReadingBroker, 'partitions'>,
    readonly topic: string,
    readonly partition: number,
    readonly sink: PartitionSink,
    from = 0,
  ) {
    this.#next = from;
  }

  /** The next offset to come: everything in front of it has been taken. */
  get next(): number {
    return this.#next;
  }

  /** What it stopped at (R2). */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Whether everything that was there at the start has been taken, or never will be. */
  get isRead(): boolean {
    return this.#trouble !== undefined || this.#next >= this.#end;
  }

  /**
   * Resolves when it follows: with a sink that settles, everything that was there at the call has been taken by then.
   * @throws whatever the broker and such a sink throw meanwhile
   */
  async start(): Promise<void> {
    const { broker, topic, partition } = this;
    const { start, end } = await broker.bounds(topic, partition);
    this.#next = Math.max(this.#next, start);
    this.#end = end;
    if (this.sink.settle !== undefined) await this.#catchUp(this.sink.settle.bind(this.sink));
    if (this.#isStopped || this.#trouble !== undefined) return;
    this.#follows = broker.follow(topic, partition, this.#next, {
      records: (records) => this.#give(records),
      failed: (error) => this.#stop(error),
    });
    await this.#follows;
  }

  /** Whether everything that is there now is taken within `withinMs`. */
  async caughtUp(withinMs: number): Promise<boolean> {
    const { end } = await this.broker.bounds(this.topic, this.partition);
    const deadline = performance.now() + withinMs;
    while (this.#next < end) {
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return true;
  }

  /** Nothing is handed over afterwards; resolves when the sink is done with what it has. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const following = await this.#follows?.catch(() => undefined);
    await following?.stop();
    await this.#taking;
  }

  async #catchUp(settle: () => Promise<void>): Promise<void> {
    let batches = 0;
    for await (const records of this.broker.read(this.topic, this.partition, this.#next)) {
      if (this.#isStopped || this.#trouble !== undefined) return;
      this.#give(records);
      await this.#taking;
      batches++;
      if (batches % BATCHES_UNSETTLED_MAX === 0) await settle();
    }
  }

  #give(records: readonly StoredRecord[]): void {
    const before = this.#taking;
    const taking = before === undefined ? this.#take(records) : before.then(() => this.#take(records)); // R1
    if (taking === undefined) return;
    const done = taking.then(() => {
      if (this.#taking === done) this.#taking = undefined;
    });
    this.#taking = done;
  }

  /** Undefined: it is done already. */
  #take(records: readonly StoredRecord[]): Promise<void> | undefined {
    const last = records.at(-1);
    if (last === undefined || this.#isStopped || this.#trouble !== undefined) return undefined;
    const taken = () => {
      this.#next = last.offset + 1;
    };
    try {
      const taking = this.sink.take(records);
      if (taking === undefined) return void taken();
      return taking.then(taken, (error: unknown) => this.#stop(error));
    } catch (error) {
      this.#stop(error);
    }
    return undefined;
  }

  #stop(error: unknown): void {
    if (this.#trouble !== undefined) return;
    this.#trouble = errorOf(error);
    this.sink.stopped(this.#trouble); // R2
  }
}
