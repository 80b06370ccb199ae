import type { Broker } from '@interlock/broker';
import { runCommands, runEvents } from '@interlock/contracts';
import { PartitionFollower } from '../log/topic-follower.js';
import type { InputStart, ReadModel } from './read-model.js';

const topics = [runCommands.name, runEvents.name] as const;
const CATCH_UP_MS = 1_000;

/** Reads every partition of the read model's topics whole, from where the read model stands. */
export class ReadModelInputs {
  readonly #followers = new Map<string, PartitionFollower>();
  #isRead = false;

  constructor(
    readonly broker: Broker,
    readonly readModel: ReadModel,
    readonly partitions: number,
    readonly failed: (error: Error) => void,
  ) {}

  /** Whether everything that was there at the start has been read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  async start(): Promise<void> {
    if (!(await this.#isSameLog())) await this.readModel.clear();
    const starting = [...this.#places()].map(async ([topic, partition]) => {
      const { next } = await this.readModel.startOf(topic, partition);
      const sink = {
        take: (records: Parameters<ReadModel['feed']>[2]) => this.readModel.feed(topic, partition, records),
        settle: async () => void (await this.readModel.status()),
        failed: this.failed,
      };
      const follower = new PartitionFollower(this.broker, topic, partition, sink, next);
      this.#followers.set(`${topic}/${partition}`, follower);
      await follower.start();
    });
    await Promise.all(starting);
    await this.readModel.status();
    this.#isRead = true;
  }

  /** Whether all that is there now about runs of `partition` is read; waits for it a second at most. */
  async caughtUp(partition: number): Promise<boolean> {
    const answers = topics.map((topic) =>
      this.#followers.get(`${topic}/${partition}`)?.caughtUp(CATCH_UP_MS),
    );
    return (await Promise.all(answers)).every((answer) => answer === true);
  }

  /** How far it has read, by partition. */
  asOf(): { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    return [...this.#followers.values()].map(({ topic, partition, next }) => ({
      topic,
      partition,
      offset: next,
    }));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
  }

  /** A read model of another log (a new cluster, an emptied data directory) must not be continued. */
  async #isSameLog(): Promise<boolean> {
    for (const [topic, partition] of this.#places()) {
      const start = await this.readModel.startOf(topic, partition);
      if (!(await hasRecord(this.broker, topic, partition, start))) return false;
    }
    return true;
  }

  *#places(): Iterable<readonly [topic: string, partition: number]> {
    for (const topic of topics) {
      for (let partition = 0; partition < this.partitions; partition++) yield [topic, partition];
    }
  }
}

/** Whether the partition still holds the last record that was read of it, or has cut it away since. */
async function hasRecord(broker: Broker, topic: string, partition: number, at: InputStart): Promise<boolean> {
  if (at.last < 0) return true;
  const { start, end } = await broker.bounds(topic, partition);
  if (at.last < start) return true;
  if (at.last >= end) return false;
  for await (const [record] of broker.read(topic, partition, at.last)) {
    return Buffer.from(record?.headers.h ?? []).toString('hex') === at.link;
  }
  return false;
}
