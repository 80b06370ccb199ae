import type { Broker, StoredRecord } from '@interlock/broker';

/** Where a partition's records go, in order. */
export interface Sink {
  take(records: readonly StoredRecord[]): void;
  /** Resolves when what was taken has been worked on: keeps a long first reading from filling the memory. */
  settle(): Promise<void>;
  /** The partition is read no more: end the process. */
  failed(error: Error): void;
}

const BATCHES_UNSETTLED_MAX = 16;
const POLL_MS = 5;

/** Reads one partition whole: first up to its end, then for ever. Every gateway does; no group is needed. */
export class PartitionFollower {
  #next: number;
  #stop: (() => Promise<void>) | undefined;

  constructor(
    readonly broker: Broker,
    readonly topic: string,
    readonly partition: number,
    readonly sink: Sink,
    from: number,
  ) {
    this.#next = from;
  }

  /** The next offset to come. */
  get next(): number {
    return this.#next;
  }

  /** Resolves when everything that was there at the call has been taken; from then on it follows. */
  async start(): Promise<void> {
    const { broker, topic, partition } = this;
    const { start } = await broker.bounds(topic, partition);
    this.#next = Math.max(this.#next, start);
    let batches = 0;
    for await (const records of broker.read(topic, partition, this.#next)) {
      this.#take(records);
      batches++;
      if (batches % BATCHES_UNSETTLED_MAX === 0) await this.sink.settle();
    }
    const following = await broker.follow(topic, partition, this.#next, {
      records: (records) => this.#take(records),
      failed: (error) => this.sink.failed(error),
    });
    this.#stop = () => following.stop();
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

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  #take(records: readonly StoredRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.#next = last.offset + 1;
    this.sink.take(records);
  }
}

/** Reads every partition of a topic from its first record on, for whoever keeps up with it by the turn. */
export class TopicFollower {
  #followers: readonly PartitionFollower[] = [];

  constructor(
    readonly broker: Broker,
    readonly topic: string,
    readonly sink: Omit<Sink, 'settle'>,
  ) {}

  /** Resolves when everything that was there at the call has been taken; from then on it follows. */
  async start(): Promise<void> {
    const partitions = await this.broker.partitions(this.topic);
    const sink = {
      take: (records: readonly StoredRecord[]) => this.sink.take(records),
      settle: () => new Promise<void>((resolve) => setImmediate(resolve)),
      failed: (error: Error) => this.sink.failed(error),
    };
    this.#followers = Array.from(
      { length: partitions },
      (_, partition) => new PartitionFollower(this.broker, this.topic, partition, sink, 0),
    );
    await Promise.all(this.#followers.map((follower) => follower.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }
}
