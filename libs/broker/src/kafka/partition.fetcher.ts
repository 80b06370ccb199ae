import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf } from '@interlock/contracts';
import type { Offset, StoredRecord } from '../broker.js';
import { OffsetOutOfRangeError, UnreadableBatchError } from '../errors.js';
import { EMPTY_ANSWERS_BEFORE_STEP, type Fetched, fetchFrom, leaderOf, listOffsets } from './fetch.js';
import type { Link } from './link.js';
import { type Cluster, isStale, protocolError } from './wire.js';

/** One partition as it is being delivered since its last seek. A new seek makes a new feed; answers for an old one are dropped. */
interface Feed {
  readonly topic: string;
  readonly partition: number;
  next: Offset;
  /** Read up to the end once, so it may join the long waits of the tail lane. */
  atEnd: boolean;
  tailing: boolean;
  /** How many fetches in a row brought nothing although the log goes on. */
  emptyAnswers: number;
  /** Since when the server has said that `next` is out of range; milliseconds of `performance.now()`. */
  outOfRangeSinceMs: number | undefined;
  /** An answer that held this partition, maybe with others, could not be unpacked: it is fetched alone, a batch at a time. */
  isSuspect: boolean;
}

interface Lane {
  readonly link: Link;
  readonly busyNodes: Set<number>;
  cluster: Cluster | undefined;
  recovering: boolean;
}

export interface FetchListener {
  records(topic: string, partition: number, records: readonly StoredRecord[]): void;
  /** Nothing of this partition is delivered before the next seek: its next batch cannot be unpacked. Absent: that is a failure of all. */
  unreadable?: ((topic: string, partition: number, error: Error) => void) | undefined;
  /** Nothing is delivered any more. */
  failed(error: Error): void;
}

/** A server answers with at least the first batch, however long it is. */
const ONE_BATCH = 1;
const TAIL_WAIT_MS = 100;
const CATCH_UP_WAIT_MS = 3;
const OUT_OF_RANGE_FOR_MS = 2_000;
const UNREACHABLE_FOR_MS = 60_000;
const RECOVER_WAIT_MS = 100;

/**
 * Delivers partitions from where they were sought.
 *
 * Two lanes with a connection each. The tail lane waits at the server for new records of all partitions that are at
 * their end; a server answers one request of a connection at a time, so what was just sought is fetched on the catch-up
 * lane without waiting, until the tail lane takes it over. Both may fetch the same partition for a moment: an answer
 * counts only if it starts exactly where the feed stands.
 */
export class PartitionFetcher {
  readonly #feeds = new Map<string, Feed>();
  readonly #paused = new Set<string>();
  readonly #tail: Lane;
  readonly #catchUp: Lane;
  #closed = false;
  #failingSinceMs: number | undefined;

  constructor(
    private readonly topics: readonly string[],
    links: { tail: Link; catchUp: Link },
    private readonly listener: FetchListener,
  ) {
    this.#tail = { link: links.tail, busyNodes: new Set(), cluster: undefined, recovering: false };
    this.#catchUp = { link: links.catchUp, busyNodes: new Set(), cluster: undefined, recovering: false };
  }

  async start(): Promise<void> {
    const open = (lane: Lane) => lane.link.retry(this.topics, UNREACHABLE_FOR_MS, async (cluster) => cluster);
    [this.#tail.cluster, this.#catchUp.cluster] = await Promise.all([open(this.#tail), open(this.#catchUp)]);
    this.#pumpAll();
  }

  seek(topic: string, partition: number, offset: Offset): void {
    const fresh = {
      atEnd: false,
      tailing: false,
      emptyAnswers: 0,
      outOfRangeSinceMs: undefined,
      isSuspect: false,
    };
    this.#feeds.set(placeOf(topic, partition), { topic, partition, next: offset, ...fresh });
    this.#pumpAll();
  }

  pause(topic: string, partition: number): void {
    this.#paused.add(placeOf(topic, partition));
  }

  resume(topic: string, partition: number): void {
    if (!this.#paused.delete(placeOf(topic, partition))) return;
    const feed = this.#feeds.get(placeOf(topic, partition));
    if (feed !== undefined) Object.assign(feed, { atEnd: false, tailing: false });
    this.#pumpAll();
  }

  /** Nothing of this partition is delivered before the next seek. */
  forget(partition: number): void {
    for (const topic of this.topics) {
      this.#feeds.delete(placeOf(topic, partition));
      this.#paused.delete(placeOf(topic, partition));
    }
  }

  close(): void {
    this.#closed = true;
    this.#feeds.clear();
    this.#tail.link.close();
    this.#catchUp.link.close();
  }

  #pumpAll(): void {
    this.#pump(this.#tail);
    this.#pump(this.#catchUp);
  }

  #pump(lane: Lane): void {
    const { cluster } = lane;
    if (cluster === undefined || lane.recovering || this.#closed) return;
    const byNode = Map.groupBy(
      this.#due(lane),
      ({ topic, partition }) => leaderOf(cluster, topic, partition) ?? -1,
    );
    for (const [nodeId, feeds] of byNode) {
      if (lane.busyNodes.has(nodeId)) continue;
      lane.busyNodes.add(nodeId);
      if (lane === this.#tail) for (const feed of feeds) feed.tailing = true;
      this.#fetch(lane, cluster, nodeId, feeds)
        .catch((error: unknown) => this.#recover(lane, error))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          lane.busyNodes.delete(nodeId);
          this.#pump(lane);
        });
    }
  }

  #due(lane: Lane): Feed[] {
    const mine = (feed: Feed) => (lane === this.#tail ? feed.tailing || feed.atEnd : !feed.tailing);
    return [...this.#feeds]
      .filter(([place, feed]) => mine(feed) && !this.#paused.has(place))
      .map(([, feed]) => feed);
  }

  async #fetch(lane: Lane, cluster: Cluster, nodeId: number, feeds: readonly Feed[]): Promise<void> {
    // A server fills one answer with at least the first partition that has records; alone, a stalled feed is the first.
    const stalled = feeds.find((feed) => feed.emptyAnswers > 0);
    const alone = feeds.find(({ isSuspect }) => isSuspect) ?? stalled;
    const asked = (alone ? [alone] : feeds).map((feed) => ({ feed, from: feed.next }));
    const waits =
      lane === this.#tail ? TAIL_WAIT_MS : asked.every(({ feed }) => feed.atEnd) ? CATCH_UP_WAIT_MS : 0;
    const wanted = asked.map(({ feed, from }) => ({ topic: feed.topic, partition: feed.partition, from }));
    const isOneBatch = alone?.isSuspect === true;
    let answers: Awaited<ReturnType<typeof fetchFrom>>;
    try {
      answers = await fetchFrom(cluster, nodeId, wanted, waits, isOneBatch ? ONE_BATCH : undefined);
    } catch (error) {
      const found = asked.map(({ feed }) => feed);
      return this.#narrow(found, isOneBatch, error);
    }
    this.#failingSinceMs = undefined;
    asked.forEach(({ feed, from }, at) => {
      const answer = answers[at];
      feed.isSuspect = false;
      if (answer !== undefined && this.#isCurrent(feed) && feed.next === from)
        this.#advance(feed, answer, alone !== undefined);
    });
    if (lane === this.#catchUp && asked.some(({ feed }) => feed.atEnd)) this.#pump(this.#tail);
  }

  /** What cannot be unpacked is in one of them: each is fetched alone then, until its next batch is known to be it. @throws any other error */
  #narrow(feeds: readonly Feed[], isOneBatch: boolean, error: unknown): undefined {
    const { unreadable } = this.listener;
    if (!(error instanceof UnreadableBatchError) || unreadable === undefined) throw error;
    for (const feed of feeds) {
      feed.isSuspect = true;
      if (!isOneBatch || !this.#isCurrent(feed)) continue;
      this.#feeds.delete(placeOf(feed.topic, feed.partition));
      unreadable(feed.topic, feed.partition, error);
    }
  }

  #isCurrent(feed: Feed): boolean {
    const place = placeOf(feed.topic, feed.partition);
    return this.#feeds.get(place) === feed && !this.#paused.has(place) && !this.#closed;
  }

  #advance(feed: Feed, { records, next, end }: Fetched, alone: boolean): void {
    const isEmpty = next === feed.next && next < end;
    feed.emptyAnswers = isEmpty ? feed.emptyAnswers + 1 : 0;
    feed.next = isEmpty && alone && feed.emptyAnswers > EMPTY_ANSWERS_BEFORE_STEP ? next + 1 : next;
    feed.atEnd = feed.next >= end;
    feed.outOfRangeSinceMs = undefined;
    if (records.length === 0) return;
    try {
      this.listener.records(feed.topic, feed.partition, records);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #recover(lane: Lane, error: unknown): Promise<void> {
    if (this.#closed) return;
    const type = protocolError(error);
    if (type === 'OFFSET_OUT_OF_RANGE')
      await this.#suspect(lane, error as Error & { topic: string; partition: number });
    else if (type !== undefined && !isStale(type)) throw error;
    else if (error instanceof RangeError || error instanceof TypeError) throw error;
    this.#failingSinceMs ??= performance.now();
    if (performance.now() - this.#failingSinceMs > UNREACHABLE_FOR_MS) throw error;
    if (lane.recovering) return;
    lane.recovering = true;
    try {
      await lane.link.recover(error);
      await sleep(RECOVER_WAIT_MS);
      if (!this.#closed)
        lane.cluster = await lane.link.retry(this.topics, UNREACHABLE_FOR_MS, async (cluster) => cluster);
    } finally {
      lane.recovering = false;
    }
  }

  /** A new leader may be behind for a moment; only an offset that stays out of range is reported. */
  async #suspect(lane: Lane, { topic, partition }: { topic: string; partition: number }): Promise<void> {
    const feed = this.#feeds.get(placeOf(topic, partition));
    if (feed === undefined) return;
    feed.outOfRangeSinceMs ??= performance.now();
    if (performance.now() - feed.outOfRangeSinceMs < OUT_OF_RANGE_FOR_MS) return;
    const read = (cluster: Cluster) => listOffsets(cluster, topic, partition);
    const { start, end } = await lane.link.retry(this.topics, UNREACHABLE_FOR_MS, read);
    throw new OffsetOutOfRangeError(topic, partition, feed.next, start, end);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.listener.failed(errorOf(error));
  }
}

const placeOf = (topic: string, partition: number) => `${topic}/${partition}`;
