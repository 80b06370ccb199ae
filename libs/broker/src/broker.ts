import type { TopicSpec } from '@interlock/contracts';

/** Position of a record in its partition, from 0. Exact up to 2^53; implementations refuse larger ones. */
export type Offset = number;

export interface NewRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, Uint8Array>>;
  /** `null` removes the key from a compacted topic. */
  readonly value: Uint8Array | null;
}

export interface StoredRecord extends NewRecord {
  readonly offset: Offset;
  /**
   * When the broker accepted it, UTC ms, by its own clock; only for topics that are `stampedBy` it. Absent where the broker is part of this
   * process, or where the writer said when it was.
   */
  readonly appendedAt?: number;
}

/** Most bytes of keys, headers and values one append may hold; Kafka's own limit is 1 MiB with its framing. */
export const APPEND_BYTES_MAX = 900 * 1024;

/** About what one `readAt` answers with, in bytes of values and headers: it ends with the record that reaches it. */
export const READ_AT_BYTES = 256 * 1024;

/** A position as committed for others to read: the next offset, and what identifies it on a fenced topic. */
export interface CommittedPosition {
  readonly offset: Offset;
  readonly metadata: string;
}

/**
 * A connection that appends. One a host: after doubt its owner closes it and opens another.
 *
 * Appends of one producer to one partition become readable in the order of the calls, but their author must still
 * wait for each answer before the next: an unanswered append may come later.
 */
export interface Producer {
  /**
   * Appends durably, as one unit: all records become readable, in this order, or none. Resolves with the offset of the first.
   *
   * @throws {OutcomeUnknownError} no answer. The records may be there, may come later, or never. Claim again; never retry in place.
   * @throws {AppendTooLargeError} more than `APPEND_BYTES_MAX`. Nothing was written.
   * @throws {UnknownTopicError} no such topic or partition. Nothing was written.
   */
  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Offset>;
  /** Cuts the connection; appends without an answer fail with OutcomeUnknownError. */
  close(): Promise<void>;
}

/** What a member of a group is told. No callback may block: enqueue and return. */
export interface GroupMember {
  /**
   * Partition `partition` of every subscribed topic is this member's until `revoked`. Nothing of it arrives before
   * the first `seek` of each topic. A hint only: another member may believe the same for a while; the log decides.
   */
  assigned(partition: number): void;
  /** Let go of it; resolves when the partition is no longer worked on. The group waits for it for a bounded time. */
  revoked(partition: number): Promise<void>;
  /** Records in the order of their offsets, from the last `seek` on. At least one. */
  records(topic: string, partition: number, records: readonly StoredRecord[]): void;
  /**
   * Nothing more of this partition arrives before the next `seek`: what stands there next cannot be unpacked. Where nobody wants to know,
   * the membership fails.
   */
  unreadable?(topic: string, partition: number, error: Error): void;
  /** The membership is dead and delivers nothing any more: end the process, its supervisor starts it again. */
  failed(error: Error): void;
}

export interface Membership {
  /** The group has given this member its share, which may be empty; until then it may have to wait for a dead member's session to run out. */
  readonly isAssigned: boolean;
  /**
   * Delivers `topic`/`partition` from `offset` (inclusive) on; records of an earlier seek that are still under way are dropped.
   * An offset that was cut away, or lies past the end, is reported through `failed` of the member only when it stays so:
   * callers check `bounds` first.
   */
  seek(topic: string, partition: number, offset: Offset): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Publishes accepted positions for the owners of the topics; nothing ever starts from them. */
  commit(
    positions: readonly { topic: string; partition: number; position: CommittedPosition }[],
  ): Promise<void>;
  /** Leaves the group after `revoked` of everything held. */
  leave(): Promise<void>;
}

export interface Bounds {
  /** The first offset that can still be read. */
  readonly start: Offset;
  /** The offset the next record will get. */
  readonly end: Offset;
}

/**
 * An ordered, partitioned, durable log with consumer groups.
 *
 * Implemented in `kafka/`, `embedded/` and `simulated/`; all pass one suite, `broker.contract.ts`. A promise that is not
 * tested there is not made. It does not promise one owner a partition: libs/log does.
 */
export interface Broker {
  /** Programs of others can read its topics. Where none can, nothing is stored that only they would read. */
  readonly isOpenToOthers: boolean;
  producer(): Producer;
  /**
   * Joins `group`. The same partition number of all `topics` goes to the same member (topics share one partition count;
   * with `topics` of one partition there is one partition, 0).
   */
  join(group: string, topics: readonly string[], member: GroupMember): Promise<Membership>;
  /**
   * Reads from `from` (inclusive) to the end as it is when the call is made. For start-up and tools, not for following.
   * @throws {OffsetOutOfRangeError} `from` was cut away or lies past the end
   */
  read(topic: string, partition: number, from: Offset): AsyncIterable<readonly StoredRecord[]>;
  /**
   * The records at `offsets`, which ascend: the first of them, as many as `READ_AT_BYTES` hold, and at least one. Go on behind the last
   * one. What compaction has removed is left out; none: nothing is left at any of them.
   * @throws {OffsetOutOfRangeError} one of them was cut away or lies past the end
   */
  readAt(topic: string, partition: number, offsets: readonly Offset[]): Promise<readonly StoredRecord[]>;
  /**
   * Follows one partition without a group, from `from` on, until `stop` is called: for topics that every process reads whole.
   */
  follow(
    topic: string,
    partition: number,
    from: Offset,
    member: Follower,
  ): Promise<{ stop(): Promise<void> }>;
  bounds(topic: string, partition: number): Promise<Bounds>;
  /** Makes everything in front of `before` unreadable, for ever. */
  trim(topic: string, partition: number, before: Offset): Promise<void>;
  /** What `group` has committed for `topic`/`partition`; undefined when it never has. */
  committed(group: string, topic: string, partition: number): Promise<CommittedPosition | undefined>;
  /**
   * Creates missing topics with `partitions` partitions (`global` ones with one).
   * @throws {TopicMismatchError} an existing one has another partition count, or settings under which records would be lost or refused
   */
  createTopics(topics: readonly TopicSpec[], partitions: number): Promise<void>;
  /** Partition count of an existing topic. */
  partitions(topic: string): Promise<number>;
  /**
   * Why appends to `topic` are refused at the moment: no server, no leader, too few replicas in sync. Undefined: nothing is known against
   * it, which promises nothing of the next append. Never throws, and answers within some seconds.
   */
  unwritable(topic: string): Promise<string | undefined>;
  /** Ends every membership and producer; waits for appends in flight for at most 5 s. */
  close(): Promise<void>;
}

export interface Follower {
  records(records: readonly StoredRecord[]): void;
  failed(error: Error): void;
}
