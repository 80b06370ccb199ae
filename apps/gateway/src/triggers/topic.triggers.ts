import { Quarantine } from '@interlock/actors';
import type { Broker, Producer, StoredRecord } from '@interlock/broker';
import type { Problem, TriggerFirer } from '@interlock/commands';
import { type PublishedArtifact, type TopicSource, triggerDocument } from '@interlock/contracts';
import type { ArtifactView, Log, Metrics } from '@interlock/service';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { countEvents } from './topic.metrics.js';
import { TopicReader } from './topic.reader.js';

/** Each is a member of a group, with connections of its own. */
const READERS_MAX = 50;

const clock = { now: () => Date.now() };

/** Reads the topics of others that published triggers name, as they come and go. */
export class TopicTriggers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #readers = new Map<string, TopicReader>();
  readonly #count: ReturnType<typeof countEvents>;
  #producer: Producer | undefined;
  #forget: (() => void) | undefined;
  #syncing: Promise<void> = Promise.resolve();

  constructor(
    readonly broker: Broker,
    readonly artifacts: Pick<ArtifactView, 'all' | 'onRead' | 'whenRead'>,
    readonly firer: Pick<TriggerFirer, 'take'>,
    readonly partitions: number,
    readonly log: Log,
    metrics: Metrics,
  ) {
    this.#count = countEvents(metrics);
  }

  onApplicationBootstrap(): void {
    if (!this.broker.isOpenToOthers) return;
    void this.artifacts.whenRead().then(() => {
      this.#forget = this.artifacts.onRead(() => this.#sync());
      this.#sync();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#forget?.();
    await this.#syncing;
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
    await this.#producer?.close();
  }

  /** One sync after another: a reader is gone before the next one of its trigger joins. */
  #sync(): void {
    this.#syncing = this.#syncing.then(() => this.#follow(readBy(this.artifacts.all('trigger'))));
  }

  async #follow(wanted: ReadonlyMap<string, TopicSource>): Promise<void> {
    for (const [name, reader] of this.#readers) {
      if (wanted.get(name)?.name === reader.source.name && wanted.get(name)?.events === reader.source.events)
        continue;
      this.#readers.delete(name);
      await reader.stop();
    }
    for (const [name, source] of wanted) {
      if (this.#readers.has(name)) continue;
      if (this.#readers.size >= READERS_MAX) {
        this.log.error(
          { trigger: name, most: READERS_MAX },
          'too many triggers read topics: this one is not read',
        );
        continue;
      }
      this.#readers.set(name, this.#reader(name, source));
    }
  }

  #reader(name: string, source: TopicSource): TopicReader {
    const { name: topic } = source;
    const reader = new TopicReader(name, source, {
      broker: this.broker,
      take: async (partition, { offset, headers, value }) =>
        (await this.firer.take(name, { topic, partition, offset, headers, value })).outcome,
      setAside: (partition, record, problem) => this.#setAside(name, topic, partition, record, problem),
      count: (outcome) => this.#count(name, outcome),
      log: this.log,
    });
    reader.start();
    this.log.info({ trigger: name, topic }, 'a trigger reads a topic');
    return reader;
  }

  async #setAside(
    trigger: string,
    topic: string,
    partition: number,
    record: StoredRecord,
    { code, message }: Problem,
  ): Promise<void> {
    this.#producer ??= this.broker.producer();
    const producer = this.#producer;
    const quarantine = new Quarantine('gateway', producer, clock);
    const one = { topic, record, part: 0, code, message: `trigger ${trigger}: ${message}` };
    try {
      await quarantine.send(partition, [one], partition % this.partitions);
    } catch (error) {
      this.#producer = undefined;
      void producer.close().catch(() => undefined);
      throw error;
    }
    this.log.warn({ trigger, topic, partition, offset: record.offset, code }, 'an event was set aside');
  }
}

/** Newest versions that are switched on and read a topic. */
function readBy(triggers: readonly PublishedArtifact[]): Map<string, TopicSource> {
  const newest = new Map<string, PublishedArtifact>();
  for (const one of triggers)
    if (one.version > (newest.get(one.name)?.version ?? 0)) newest.set(one.name, one);
  return new Map(
    [...newest.values()].flatMap(({ name, document }) => {
      const { topic, enabled } = triggerDocument.parse(document);
      return enabled && topic !== undefined ? [[name, topic] as const] : [];
    }),
  );
}
