import { setTimeout as sleep } from 'node:timers/promises';
import type { TopicSpec } from '@interlock/contracts';
import { errorText, topics } from '@interlock/contracts';
import type {
  Bounds,
  Broker,
  CommittedPosition,
  Follower,
  GroupMember,
  Membership,
  Offset,
  Producer,
  StoredRecord,
} from '../broker.js';
import {
  OffsetOutOfRangeError,
  TopicForbiddenError,
  TopicMismatchError,
  UnknownTopicError,
} from '../errors.js';
import { EMPTY_ANSWERS_BEFORE_STEP, fetchFrom, leaderOf, listOffsets } from './fetch.js';
import { KafkaMembership } from './kafka.membership.js';
import { KafkaProducer } from './kafka.producer.js';
import { Link } from './link.js';
import type { KafkaOptions } from './options.js';
import { PartitionFetcher } from './partition.fetcher.js';
import { toOffset } from './records.js';
import { readScattered } from './scattered.js';
import { sparing } from './sparing.logger.js';
import { countPartitions, createTopics } from './topics.js';
import { type Cluster, protocolError } from './wire.js';
import { whyUnwritable } from './writability.js';

const own: ReadonlySet<string> = new Set(topics.map(({ name }) => name));

const APPEND_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const GROUP_REQUEST_TIMEOUT_MS = 30_000;
const ANSWER_WITHIN_MS = 15_000;
const CLOSE_WITHIN_MS = 5_000;

/** Connects to a cluster. @throws when none of the servers answers within 15 s */
export async function openKafkaBroker({ logger, ...given }: KafkaOptions): Promise<Broker> {
  const options = logger === undefined ? given : { ...given, logger: sparing(logger) };
  const control = new Link(options, REQUEST_TIMEOUT_MS);
  await control.retry([], ANSWER_WITHIN_MS, async (cluster) => cluster);
  return new KafkaBroker(options, control);
}

/** The port over kafkajs. What is asked for briefly shares one connection; whatever waits or must be cut has its own. */
class KafkaBroker implements Broker {
  readonly isOpenToOthers = true;
  readonly #producers = new Set<KafkaProducer>();
  readonly #memberships = new Set<KafkaMembership>();
  readonly #followers = new Set<PartitionFetcher>();
  readonly #foreign = new Map<string, Link>();

  constructor(
    private readonly options: KafkaOptions,
    private readonly control: Link,
  ) {}

  producer(): Producer {
    const timeoutMs = this.options.appendTimeoutMs ?? APPEND_TIMEOUT_MS;
    const producer = new KafkaProducer(new Link(this.options, timeoutMs), timeoutMs, () =>
      this.#producers.delete(producer),
    );
    this.#producers.add(producer);
    return producer;
  }

  async join(groupId: string, topics: readonly string[], member: GroupMember): Promise<Membership> {
    const partitions = await this.#sharedCount(topics);
    const group = new Link(this.options, GROUP_REQUEST_TIMEOUT_MS);
    const links = { group, ...this.#fetchLinks(), control: this.control };
    const ended = (membership: KafkaMembership) => this.#memberships.delete(membership);
    const membership = new KafkaMembership({ groupId, topics, partitions }, links, member, ended);
    this.#memberships.add(membership);
    await membership.start();
    return membership;
  }

  async *read(topic: string, partition: number, from: Offset): AsyncGenerator<readonly StoredRecord[]> {
    const { start, end } = await this.bounds(topic, partition);
    if (from < start || from > end) throw new OffsetOutOfRangeError(topic, partition, from, start, end);
    let empty = 0;
    for (let next = from; next < end; ) {
      const fetched = await this.#ask(topic, partition, async (cluster) => {
        const nodeId = leaderOf(cluster, topic, partition) ?? -1;
        return (await fetchFrom(cluster, nodeId, [{ topic, partition, from: next }], 0))[0];
      });
      // A server over its quota leaves the partition out; that says nothing about the log.
      if (fetched === undefined) continue;
      empty = fetched.next === next ? empty + 1 : 0;
      next = empty >= EMPTY_ANSWERS_BEFORE_STEP ? next + 1 : fetched.next;
      const records = next <= end ? fetched.records : fetched.records.filter(({ offset }) => offset < end);
      if (records.length > 0) yield records;
    }
  }

  readAt(topic: string, partition: number, offsets: readonly Offset[]): Promise<readonly StoredRecord[]> {
    return this.#ask(topic, partition, (cluster) => readScattered(cluster, topic, partition, offsets));
  }

  async follow(topic: string, partition: number, from: Offset, member: Follower) {
    if (partition >= (await this.partitions(topic))) throw new UnknownTopicError(topic, partition);
    const fetcher = new PartitionFetcher([topic], this.#fetchLinks(), {
      records: (_topic, _partition, records) => member.records(records),
      failed: (error) => {
        this.#followers.delete(fetcher);
        member.failed(error);
      },
    });
    this.#followers.add(fetcher);
    await fetcher.start();
    fetcher.seek(topic, partition, from);
    const stop = async () => {
      this.#followers.delete(fetcher);
      fetcher.close();
    };
    return { stop };
  }

  bounds(topic: string, partition: number): Promise<Bounds> {
    return this.#ask(topic, partition, (cluster) => listOffsets(cluster, topic, partition));
  }

  async trim(topic: string, partition: number, before: Offset): Promise<void> {
    await this.#ask(topic, partition, async (cluster) => {
      const node = await cluster.findBroker({ nodeId: String(leaderOf(cluster, topic, partition)) });
      await node.deleteRecords({ topics: [{ topic, partitions: [{ partition, offset: String(before) }] }] });
    });
  }

  async committed(groupId: string, topic: string, partition: number): Promise<CommittedPosition | undefined> {
    const { responses } = await this.control.retry([], ANSWER_WITHIN_MS, async (cluster) => {
      const node = await cluster.findGroupCoordinator({ groupId });
      return node.offsetFetch({ groupId, topics: [{ topic, partitions: [{ partition }] }] });
    });
    const found = responses[0]?.partitions[0];
    if (found === undefined || Number(found.offset) < 0) return undefined;
    return { offset: toOffset(found.offset), metadata: found.metadata ?? '' };
  }

  createTopics(topics: readonly TopicSpec[], partitions: number): Promise<void> {
    const { brokers, replicationFactor = -1, replicasMin = 1 } = this.options;
    return createTopics(this.control, topics, partitions, {
      replicationFactor,
      replicasMin,
      server: brokers[0] ?? 'HOST:PORT',
    });
  }

  async unwritable(topic: string): Promise<string | undefined> {
    try {
      return await whyUnwritable(this.control, topic);
    } catch (error) {
      return `no server of the cluster answers: ${errorText(error)}`;
    }
  }

  async partitions(topic: string): Promise<number> {
    const count = await countPartitions(this.#linkOf(topic), topic).catch((error: unknown) => {
      throw protocolError(error) === 'TOPIC_AUTHORIZATION_FAILED' ? new TopicForbiddenError(topic) : error;
    });
    if (count === 0) throw new UnknownTopicError(topic, 0);
    return count;
  }

  async close(): Promise<void> {
    const idle = Promise.all([...this.#producers].map((producer) => producer.idle()));
    const late = new AbortController();
    await Promise.race([idle, sleep(CLOSE_WITHIN_MS, undefined, { signal: late.signal })]);
    late.abort();
    for (const fetcher of this.#followers) fetcher.close();
    await Promise.all([...this.#memberships].map((membership) => membership.leave()));
    await Promise.all([...this.#producers].map((producer) => producer.close()));
    for (const link of this.#foreign.values()) link.close();
    this.control.close();
  }

  /**
   * A client asks for all topics that it has been told of at once, and one that is not there or forbidden fails the answer to all. So a
   * topic of others has a link of its own: what is wrong with it is its own.
   */
  #linkOf(topic: string): Link {
    if (own.has(topic)) return this.control;
    const found = this.#foreign.get(topic) ?? new Link(this.options, REQUEST_TIMEOUT_MS);
    this.#foreign.set(topic, found);
    return found;
  }

  #fetchLinks() {
    return {
      tail: new Link(this.options, REQUEST_TIMEOUT_MS),
      catchUp: new Link(this.options, REQUEST_TIMEOUT_MS),
    };
  }

  async #sharedCount(topics: readonly string[]): Promise<number> {
    const counts = await Promise.all(topics.map((topic) => this.partitions(topic)));
    counts.forEach((count, at) => {
      if (count !== counts[0]) throw TopicMismatchError.partitions(topics[at] ?? '', count, counts[0] ?? 0);
    });
    return counts[0] ?? 0;
  }

  async #ask<T>(topic: string, partition: number, request: (cluster: Cluster) => Promise<T>): Promise<T> {
    try {
      return await this.#linkOf(topic).retry([topic], ANSWER_WITHIN_MS, (cluster) => {
        if (leaderOf(cluster, topic, partition) === undefined) throw new UnknownTopicError(topic, partition);
        return request(cluster);
      });
    } catch (error) {
      if (protocolError(error) === 'UNKNOWN_TOPIC_OR_PARTITION')
        throw new UnknownTopicError(topic, partition);
      if (protocolError(error) === 'TOPIC_AUTHORIZATION_FAILED') throw new TopicForbiddenError(topic);
      throw error;
    }
  }
}
