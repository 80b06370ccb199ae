import type { Broker, StoredRecord } from '@interlock/broker';
import { openKafkaBroker } from '@interlock/broker/kafka';
import { topics } from '@interlock/contracts';
import { eventually } from '../../e2e/eventually.ts';
import type { StoredLog } from '../../e2e/stored.log.ts';

const PARTITIONS = 4;

/** A record as it came by. */
export type Passing = { readonly topic: string; readonly partition: number; readonly record: StoredRecord };

/**
 * Reads every topic whole from its first record on, while the system works: logs are cut behind their readers, and what was cut away
 * counts as well.
 */
export class LogRecorder {
  readonly #log = new Map<string, StoredRecord[][]>();
  readonly #landedAt = new Map<string, number>();
  readonly #listeners = new Set<(passing: Passing) => void>();
  #failure: Error | undefined;

  private constructor(readonly broker: Broker) {}

  static async open(brokers: string): Promise<LogRecorder> {
    const broker = await openKafkaBroker({ brokers: brokers.split(','), clientId: 'chaos-recorder' });
    await broker.createTopics(topics, PARTITIONS);
    const recorder = new LogRecorder(broker);
    for (const scope of ['run', 'global'] as const)
      await recorder.#read(
        scope,
        topics.filter((topic) => topic.scope === scope).map(({ name }) => name),
        scope === 'run' ? PARTITIONS : 1,
      );
    return recorder;
  }

  /** Everything so far, as stored. */
  get log(): StoredLog {
    return this.#log;
  }

  /** Calls back for what comes from now on; returns a function that stops it. */
  onRecord(listener: (passing: Passing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when `count` more records have come by, from the call on, for which `counts` holds. */
  async hasSeen(
    what: string,
    count: number,
    counts: (passing: Passing) => boolean,
    withinMs?: number,
  ): Promise<void> {
    let left = count;
    const stop = this.onRecord((passing) => {
      if (counts(passing)) left -= 1;
    });
    await eventually(what, () => left <= 0, withinMs).finally(stop);
  }

  /** When a record came by here, by this process's clock, ms: a few ms after it became readable. */
  readonly landedAt = (topic: string, partition: number, offset: number): number | undefined =>
    this.#landedAt.get(`${topic}/${partition}/${offset}`);

  /** Resolves with everything that is there at the call. */
  async complete(): Promise<StoredLog> {
    for (const [topic, partitions] of this.#log)
      for (const [partition, records] of partitions.entries()) {
        const { end } = await this.broker.bounds(topic, partition);
        const isThere = () => {
          if (this.#failure !== undefined) throw this.#failure;
          return (records.at(-1)?.offset ?? -1) >= end - 1;
        };
        await eventually(`${topic}/${partition} up to ${end} to be recorded`, isThere, 20_000);
      }
    return this.#log;
  }

  close(): Promise<void> {
    return this.broker.close();
  }

  /** One member that has every partition, because nobody else joins: one connection for all of them. */
  async #read(scope: string, names: readonly string[], partitions: number): Promise<void> {
    for (const topic of names)
      this.#log.set(
        topic,
        Array.from({ length: partitions }, () => []),
      );
    const membership = await this.broker.join(`chaos-recorder.${scope}`, names, {
      assigned: (partition) => {
        for (const topic of names) membership.seek(topic, partition, 0);
      },
      revoked: async () => undefined,
      records: (topic, partition, batch) => this.#take(topic, partition, batch),
      failed: (error) => {
        this.#failure = error;
      },
    });
  }

  #take(topic: string, partition: number, batch: readonly StoredRecord[]): void {
    const now = Date.now();
    for (const record of batch) {
      this.#log.get(topic)?.[partition]?.push(record as StoredRecord);
      this.#landedAt.set(`${topic}/${partition}/${record.offset}`, now);
      for (const listener of this.#listeners) listener({ topic, partition, record });
    }
  }
}
