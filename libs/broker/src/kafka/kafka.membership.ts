import { setTimeout as sleep } from 'node:timers/promises';
import type { CommittedPosition, GroupMember, Membership, Offset } from '../broker.js';
import { GroupSession } from './group.session.js';
import type { Link } from './link.js';
import { PartitionFetcher } from './partition.fetcher.js';
import { protocolError } from './wire.js';

const SESSION_TIMEOUT_MS = 6_000;
const REBALANCE_TIMEOUT_MS = 15_000;
const COMMIT_WITHIN_MS = 10_000;
const COMMIT_RETRY_MS = 100;

interface Links {
  readonly group: Link;
  readonly tail: Link;
  readonly catchUp: Link;
  /** Of the broker, not of this membership: commits must get through while a join waits. */
  readonly control: Link;
}

interface Subscription {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly partitions: number;
}

/** Membership of the group and the fetching of what it was given: two things that fail apart and are ended together. */
export class KafkaMembership implements Membership {
  readonly #session: GroupSession;
  readonly #fetcher: PartitionFetcher;
  #ended = false;

  constructor(
    private readonly subscription: Subscription,
    private readonly links: Links,
    private readonly member: GroupMember,
    private readonly onEnd: (membership: KafkaMembership) => void,
  ) {
    const failed = (error: Error) => this.#fail(error);
    const records: GroupMember['records'] = (topic, partition, batch) =>
      this.member.records(topic, partition, batch);
    const unreadable = member.unreadable?.bind(member);
    this.#fetcher = new PartitionFetcher(subscription.topics, links, { records, unreadable, failed });
    const identity = {
      ...subscription,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    };
    this.#session = new GroupSession(links.group, identity, {
      assigned: (partition) => this.member.assigned(partition),
      revoked: (partition) => this.#revoke(partition),
      failed,
    });
  }

  /** Callbacks come only after the caller of `join` has its membership: it needs it to answer them with a seek. */
  async start(): Promise<void> {
    await this.#fetcher.start();
    setImmediate(() => this.#session.start());
  }

  get isAssigned(): boolean {
    return this.#session.isAssigned;
  }

  seek(topic: string, partition: number, offset: Offset): void {
    if (!this.#ended) this.#fetcher.seek(topic, partition, offset);
  }

  pause(topic: string, partition: number): void {
    this.#fetcher.pause(topic, partition);
  }

  resume(topic: string, partition: number): void {
    this.#fetcher.resume(topic, partition);
  }

  async commit(
    positions: readonly { topic: string; partition: number; position: CommittedPosition }[],
  ): Promise<void> {
    const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, places]) => ({
      topic,
      partitions: places.map(({ partition, position: { offset, metadata } }) => ({
        partition,
        offset: String(offset),
        metadata,
      })),
    }));
    const giveUpAt = performance.now() + COMMIT_WITHIN_MS;
    for (;;) {
      const refusal = await this.#tryCommit(topics);
      if (refusal === undefined) return;
      if (this.#ended || performance.now() > giveUpAt) throw refusal;
      await sleep(COMMIT_RETRY_MS);
    }
  }

  async leave(): Promise<void> {
    if (this.#ended) return;
    await this.#session.leave();
    this.#end();
  }

  /** One attempt; answers with the refusal when a rebalance is in the way, which passes. */
  async #tryCommit(topics: Parameters<KafkaMembership['commitOnce']>[0]): Promise<Error | undefined> {
    try {
      await this.commitOnce(topics);
      return undefined;
    } catch (error) {
      const type = protocolError(error) ?? '';
      const passing = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(type);
      if (error instanceof Error && (passing || error instanceof NotMemberError)) return error;
      throw error;
    }
  }

  private async commitOnce(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number; offset: string; metadata: string }[];
    }[],
  ): Promise<void> {
    const { committer } = this.#session;
    const { groupId } = this.subscription;
    if (committer === undefined) throw new NotMemberError(`not a member of ${groupId} at the moment`);
    await this.links.control.retry([], COMMIT_WITHIN_MS, async (cluster) => {
      const node = await cluster.findGroupCoordinator({ groupId });
      await node.offsetCommit({
        groupId,
        groupGenerationId: committer.generation,
        memberId: committer.memberId,
        topics,
      });
    });
  }

  async #revoke(partition: number): Promise<void> {
    this.#fetcher.forget(partition);
    await this.member.revoked(partition);
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#session.abandon();
    this.#end();
    this.member.failed(error);
  }

  #end(): void {
    this.#ended = true;
    this.#fetcher.close();
    this.onEnd(this);
  }
}

class NotMemberError extends Error {}
