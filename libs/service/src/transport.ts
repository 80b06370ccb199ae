import type { Broker, StoredRecord } from '@interlock/broker';
import type { TopicSpec } from '@interlock/contracts';
import { type Accepted, FencedReader, type Position, startingAt } from '@interlock/log';
import { PartitionReader } from '@interlock/projection';
import { type CustomTransportStrategy, EventPattern, Server } from '@nestjs/microservices';
import { dieOf } from './fatal.js';
import type { Log } from './logger.js';

export const INTERLOCK = Symbol('interlock');

/** What a consumer gets: records that every reader accepts, of one partition, in order. Plain topics give everything. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly accepted: readonly Accepted[];
  readonly plain: readonly StoredRecord[];
  /** Behind the batch. */
  readonly position: Position;
}

/** Hands whole batches of `topic` to a consumer: at least once, in order per partition. */
export const Consumes = (topic: TopicSpec): MethodDecorator =>
  EventPattern<string>(topic.name, INTERLOCK) as MethodDecorator;

/**
 * Nest's message patterns over the broker port, for projections and other plain consumers.
 *
 * Every process reads the topics whole, from their start and without a group: a batch is handed over as soon as the one before it has been handled, and a
 * handler that throws ends the process, because skipping a record would make the projection lie.
 */
export class InterlockTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = INTERLOCK;
  readonly #readers: PartitionReader[] = [];

  constructor(
    private readonly broker: Broker,
    private readonly topics: readonly TopicSpec[],
    private readonly log: Log,
  ) {
    super();
  }

  listen(ready: (error?: unknown) => void): void {
    this.#followAll().then(
      () => ready(),
      (error: unknown) => ready(error),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
  }

  on(): never {
    throw new Error('this transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.broker as T;
  }

  async #followAll(): Promise<void> {
    for (const topic of this.topics) {
      if (!this.messageHandlers.has(topic.name)) continue;
      const partitions = await this.broker.partitions(topic.name);
      for (let partition = 0; partition < partitions; partition++) await this.#follow(topic, partition);
    }
  }

  async #follow(topic: TopicSpec, partition: number): Promise<void> {
    const handler = this.messageHandlers.get(topic.name);
    let rule: FencedReader | undefined;
    const reader = new PartitionReader(this.broker, topic.name, partition, {
      async take(records) {
        rule ??= new FencedReader(topic.name, partition, startingAt(records[0]?.offset ?? 0));
        await handler?.(batchOf(topic, partition, records, rule));
      },
      stopped: dieOf(this.log, `${topic.name}/${partition}`),
    });
    this.#readers.push(reader);
    await reader.start();
  }
}

function batchOf(
  topic: TopicSpec,
  partition: number,
  records: readonly StoredRecord[],
  reader: FencedReader,
): RecordBatch {
  if (topic.kind !== 'fenced') {
    const last = records.at(-1);
    return {
      topic: topic.name,
      partition,
      accepted: [],
      plain: records,
      position: startingAt((last?.offset ?? -1) + 1),
    };
  }
  const accepted = records.flatMap((record) => reader.take(record) ?? []);
  return { topic: topic.name, partition, accepted, plain: [], position: reader.position };
}
