import type { ReadingBroker } from './partition.reader.js';
import type { ProjectionRows } from './projection.rows.js';
import { RuleReader } from './rule.reader.js';

/** Keeps the rows of a projection current: reads its topic whole, from the first record on. */
export class ProjectionReader {
  #readers: readonly RuleReader[] = [];

  /**
   * @param stopped told once a partition that is read no further
   * @param moved told the key of each row that has moved
   */
  constructor(
    private readonly broker: ReadingBroker,
    readonly rows: Pick<ProjectionRows<unknown, unknown>, 'take'> & {
      readonly projection: { readonly topic: RuleReader['spec'] };
    },
    private readonly stopped: (error: Error) => void,
    private readonly moved: (key: string) => void = () => undefined,
  ) {}

  /** Resolves when every partition is followed. */
  async start(): Promise<void> {
    const { topic } = this.rows.projection;
    const count = await this.broker.partitions(topic.name);
    this.#readers = Array.from({ length: count }, (_, partition) => this.#readerOf(partition));
    await Promise.all(this.#readers.map((reader) => reader.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
  }

  #readerOf(partition: number): RuleReader {
    return new RuleReader(this.broker, this.rows.projection.topic, partition, {
      accepted: (record) => {
        for (const key of this.rows.take(record)) this.moved(key);
      },
      stopped: this.stopped,
    });
  }
}
