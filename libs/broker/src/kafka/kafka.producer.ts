import { errorOf, topics } from '@interlock/contracts';
import { APPEND_BYTES_MAX, type NewRecord, type Offset, type Producer } from '../broker.js';
import { AppendTooLargeError, OutcomeUnknownError, UnknownTopicError } from '../errors.js';
import { leaderOf } from './fetch.js';
import type { Link } from './link.js';
import { bytesOf, toMessage, toOffset } from './records.js';
import { ACKS_ALL, type Cluster, GZIP, NO_COMPRESSION, protocolError, type TopicData } from './wire.js';

interface Append {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly NewRecord[];
  readonly settle: (outcome: Offset | Error) => void;
}

const TOO_LARGE: ReadonlySet<string | undefined> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** They are written in large appends of alike records that nobody waits for, and every client in any language reads gzip. */
const compressed: ReadonlySet<string> = new Set(
  topics.filter(({ kind }) => kind === 'public').map(({ name }) => name),
);

/**
 * Appends over one connection a server.
 *
 * P1  One append is one record batch, in a request that is sent once: nothing here repeats, and no idempotence is asked for.
 * P2  While a request to a server is under way further appends wait; the next request takes the first one of every
 *     partition. So appends of one partition keep the order of the calls and partitions share round trips.
 * P3  After one append without an answer the producer is dead: that one may still land, so nothing may follow it.
 */
export class KafkaProducer implements Producer {
  readonly #unanswered = new Set<Append>();
  readonly #busyNodes = new Set<number>();
  readonly #knownTopics = new Set<string>();
  #waiting: Append[] = [];
  #cluster: Cluster | undefined;
  #preparing = false;
  #dead: Error | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(
    private readonly link: Link,
    private readonly timeoutMs: number,
    private readonly onEnd: () => void,
  ) {}

  async append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Offset> {
    if (records.length === 0) throw new RangeError(`an append to ${topic}/${partition} holds no record`);
    const bytes = bytesOf(records);
    if (bytes > APPEND_BYTES_MAX) throw new AppendTooLargeError(topic, bytes, APPEND_BYTES_MAX);
    if (this.#dead !== undefined) throw new OutcomeUnknownError(topic, partition, this.#dead);
    return new Promise((resolve, reject) => {
      const late = () => this.#die(new Error(`no answer in ${this.timeoutMs} ms`));
      const timer = setTimeout(late, this.timeoutMs);
      const settle = (outcome: Offset | Error) => {
        clearTimeout(timer);
        if (!this.#unanswered.delete(append)) return;
        if (typeof outcome === 'number') resolve(outcome);
        else reject(outcome);
        if (this.#unanswered.size === 0) for (const wake of this.#whenIdle.splice(0)) wake();
      };
      const append: Append = { topic, partition, records, settle };
      this.#unanswered.add(append);
      this.#waiting.push(append);
      this.#pump();
    });
  }

  /** Resolves when every append has its answer. */
  async idle(): Promise<void> {
    if (this.#unanswered.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async close(): Promise<void> {
    this.#die(new Error('the producer was closed'));
  }

  #pump(): void {
    if (this.#waiting.length === 0 || this.#dead !== undefined) return;
    const unknown = this.#waiting.find(({ topic }) => !this.#knownTopics.has(topic));
    if (unknown !== undefined) void this.#prepare(unknown.topic);
    else if (this.#cluster !== undefined) {
      for (const [nodeId, appends] of this.#take(this.#cluster))
        void this.#send(this.#cluster, nodeId, appends);
    }
  }

  async #prepare(topic: string): Promise<void> {
    if (this.#preparing) return;
    this.#preparing = true;
    try {
      this.#cluster = await this.link.retry([topic], this.timeoutMs, async (cluster) => cluster);
      this.#knownTopics.add(topic);
    } catch (error) {
      const refused = this.#waiting.filter((append) => append.topic === topic);
      if (protocolError(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') this.#die(error);
      else for (const append of refused) this.#drop(append, new UnknownTopicError(topic, append.partition));
    } finally {
      this.#preparing = false;
      this.#pump();
    }
  }

  /** P2: the first waiting append of each partition, by the server that leads it. */
  #take(cluster: Cluster): Map<number, Append[]> {
    const seen = new Set<string>();
    const taken = new Map<number, Append[]>();
    for (const append of [...this.#waiting]) {
      const { topic, partition } = append;
      const place = `${topic}/${partition}`;
      const leader = leaderOf(cluster, topic, partition);
      if (leader === undefined) this.#drop(append, new UnknownTopicError(topic, partition));
      else if (!seen.has(place) && !this.#busyNodes.has(leader))
        taken.set(leader, [...(taken.get(leader) ?? []), append]);
      seen.add(place);
    }
    const leaving = new Set([...taken.values()].flat());
    this.#waiting = this.#waiting.filter((append) => !leaving.has(append));
    return taken;
  }

  async #send(cluster: Cluster, nodeId: number, appends: readonly Append[]): Promise<void> {
    this.#busyNodes.add(nodeId);
    try {
      const node = await cluster.findBroker({ nodeId: String(nodeId) });
      const { topics } = await node.produce({
        acks: ACKS_ALL,
        timeout: this.timeoutMs,
        compression: appends.every(({ topic }) => compressed.has(topic)) ? GZIP : NO_COMPRESSION,
        topicData: topicDataOf(appends),
      });
      for (const { topic, partition, settle } of appends) {
        const answer = topics
          .find(({ topicName }) => topicName === topic)
          ?.partitions.find((at) => at.partition === partition);
        if (answer === undefined) throw new Error(`the answer leaves out ${topic}/${partition}`);
        settle(toOffset(answer.baseOffset));
      }
    } catch (error) {
      this.#fail(appends, error);
    } finally {
      this.#busyNodes.delete(nodeId);
      this.#pump();
    }
  }

  #fail(appends: readonly Append[], error: unknown): void {
    const type = protocolError(error);
    // kafkajs does not say which partition of several a server refused, so only a lone refusal is a definite one.
    const alone = appends.length === 1 ? appends[0] : undefined;
    if (alone === undefined) this.#die(error);
    else if (TOO_LARGE.has(type))
      alone.settle(new AppendTooLargeError(alone.topic, bytesOf(alone.records), APPEND_BYTES_MAX));
    else if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
      alone.settle(new UnknownTopicError(alone.topic, alone.partition));
    else this.#die(error);
  }

  #drop(append: Append, refusal: Error): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== append);
    append.settle(refusal);
  }

  /** P3 */
  #die(cause: unknown): void {
    this.#dead ??= errorOf(cause);
    this.#waiting = [];
    for (const { topic, partition, settle } of [...this.#unanswered]) {
      settle(new OutcomeUnknownError(topic, partition, this.#dead));
    }
    this.link.close();
    this.onEnd();
  }
}

function topicDataOf(appends: readonly Append[]): TopicData[] {
  const byTopic = Map.groupBy(appends, ({ topic }) => topic);
  return [...byTopic].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition, records }) => ({
      partition,
      firstSequence: 0,
      messages: records.map(toMessage),
    })),
  }));
}
