import { randomUUID } from 'node:crypto';
import { type Broker, partitionOf } from '@interlock/broker';
import { HostProgress, type Message, type TopicSpec } from '@interlock/contracts';
import {
  type Cursor,
  claim,
  type Draft,
  eventId,
  type FencedWriter,
  GENESIS,
  plainRecord,
  startingAt,
} from '@interlock/log';

/**
 * Somebody who has got hold of a service's right to write its topic: claims partitions as the service would, so that every reader
 * accepts what it writes.
 */
export class Forger {
  readonly #writers = new Map<string, { writer: FencedWriter; cursor: Cursor }>();

  constructor(readonly broker: Broker) {}

  /**
   * Appends an event of `runId`; answers with its offset. `seq`: its place in a numbered log, 1 in a run of its own; `previous`:
   * the hash it follows, when not what was appended before it.
   */
  async append(
    topic: TopicSpec,
    runId: string,
    message: Message,
    {
      version = 1,
      previous,
      ...meta
    }: {
      readonly seq?: number;
      readonly previous?: Uint8Array;
      readonly ref?: number;
      readonly version?: number;
    } = {},
  ): Promise<number> {
    const partition = await this.partitionOf(topic, runId);
    const { writer, cursor } = await this.#writer(topic, partition);
    const id = meta.seq === undefined ? {} : { id: eventId(runId, meta.seq) };
    const draft: Draft = {
      key: runId,
      wire: `${message.type}/${version}`,
      value: Buffer.from(JSON.stringify(message.data)),
      meta: { ...meta, ...id, run: runId, time: Date.now() },
    };
    const follows = meta.seq === 1 ? GENESIS : previous;
    return (await writer.append([draft], cursor, [], () => follows)).firstOffset;
  }

  async partitionOf({ name }: TopicSpec, runId: string): Promise<number> {
    return partitionOf(runId, await this.broker.partitions(name));
  }

  /** Takes the partition, and goes on from the input positions that its owner had reached. */
  async #writer({ name }: TopicSpec, partition: number) {
    const known = this.#writers.get(`${name}/${partition}`);
    if (known !== undefined) return known;
    const producer = this.broker.producer();
    let cursor: Cursor = {};
    const writer = await claim(
      {
        append: producer.append.bind(producer),
        read: (from) => this.broker.read(name, partition, from),
      },
      {
        topic: name,
        partition,
        from: startingAt((await this.broker.bounds(name, partition)).start),
        claimId: randomUUID(),
        host: 'forger',
        versions: [],
        now: Date.now(),
        accepted: ({ meta }) => {
          cursor = { ...cursor, ...meta.cursor };
        },
      },
    );
    const progress: Draft = {
      key: 'host',
      wire: HostProgress.wire,
      value: Buffer.from('{}'),
      meta: { time: Date.now() },
    };
    await writer.append([progress], cursor, []);
    const taken = { writer, cursor };
    this.#writers.set(`${name}/${partition}`, taken);
    return taken;
  }

  /** Writes any bytes to a plain topic. */
  async send(
    { name }: TopicSpec,
    partition: number,
    record: { key: string; headers: Record<string, Uint8Array>; value: Uint8Array | null },
  ) {
    return this.broker.producer().append(name, partition, [record]);
  }

  /** A well-formed record of a plain topic, of whatever type and content. */
  async sendMessage(
    topic: TopicSpec,
    partition: number,
    runId: string,
    wire: string,
    data: unknown,
  ): Promise<number> {
    const record = plainRecord(runId, wire, { id: randomUUID(), run: runId, time: Date.now() }, data);
    return this.broker.producer().append(topic.name, partition, [record]);
  }
}
