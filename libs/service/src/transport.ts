import type { Broker, StoredRecord } from '@interlock/broker';
import { type TopicSpec, topics } from '@interlock/contracts';
import { type Accepted, FencedReader, isClaim, open, type Position, startingAt } from '@interlock/log';
import { PartitionReader, type ReadableRecord } from '@interlock/projection';
import { type CustomTransportStrategy, EventPattern, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { dieOf } from './fatal.js';
import type { Log } from './logger.js';

export const INTERLOCK = Symbol('interlock');

/** What a consumer gets: records that every reader accepts, of one partition, in order. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** Of a fenced topic, claims included. */
  readonly accepted: readonly Accepted[];
  /** As projections take them: of a fenced topic without claims, of any other everything. */
  readonly records: readonly ReadableRecord[];
  /** Behind the batch. */
  readonly position: Position;
}

/** Hands whole batches of `topic` to a consumer: at least once, in order per partition. */
export const Consumes = (topic: TopicSpec): MethodDecorator => EventPattern<string>(topic.name, INTERLOCK);

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
    for (const topic of topics) {
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
        const batch = batchOf(topic, partition, records, rule);
        const said = await handler?.(batch);
        // Nest says by an observable what several consumers of a topic did, and what one threw.
        if (isObservable(said)) await lastValueFrom(said, { defaultValue: undefined });
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
  rule: FencedReader,
): RecordBatch {
  const about = { topic: topic.name, partition };
  if (topic.kind !== 'fenced') {
    const readable = records.map((record) => ({ partition, record, opened: open(record) }));
    return {
      ...about,
      accepted: [],
      records: readable,
      position: startingAt((records.at(-1)?.offset ?? -1) + 1),
    };
  }
  const taken = records.flatMap((record) => {
    const opened = rule.take(record);
    return opened === undefined ? [] : [{ partition, record, opened }];
  });
  return {
    ...about,
    accepted: taken.map(({ opened }) => opened),
    records: taken.filter(({ opened }) => !isClaim(opened)),
    position: rule.position,
  };
}
