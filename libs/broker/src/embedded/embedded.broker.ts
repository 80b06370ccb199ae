import type { TopicSpec } from '@interlock/contracts';
import {
  type Bounds,
  type Broker,
  type CommittedPosition,
  type Follower,
  type GroupMember,
  type Membership,
  type Offset,
  type Producer,
  READ_AT_BYTES,
  type StoredRecord,
} from '../broker.js';
import { OffsetOutOfRangeError, TopicMismatchError } from '../errors.js';
import { ScatteredAnswer } from '../scattered.answer.js';
import type { Catalogue } from './catalogue.js';
import { Cursor } from './cursor.js';
import { BrokerClosedError } from './errors.js';
import { Group } from './group.js';
import type { PartitionLog } from './partition.log.js';
import { EmbeddedProducer } from './producer.js';
import type { Reader } from './reader.js';
import { cutLog } from './retention.js';
import { saveCommit } from './schema.js';
import type { Upkeep } from './upkeep.js';
import type { Writer } from './writer.js';

const CLOSE_WAIT_MS_MAX = 5_000;

export interface Parts {
  readonly catalogue: Catalogue;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly upkeep: Upkeep;
  readonly lock: { release(): void };
  readonly revokeTimeoutMs: number;
}

/** The port over one SQLite file: one thread writes it, this one reads it and delivers from memory. */
export class EmbeddedBroker implements Broker {
  readonly isOpenToOthers = false;
  readonly #groups = new Map<string, Group>();
  readonly #followers = new Set<{ cursor: Cursor; follower: Follower }>();
  #closing: Promise<void> | undefined;

  constructor(readonly parts: Parts) {}

  producer(): Producer {
    this.#mustBeOpen();
    return new EmbeddedProducer(this.parts.catalogue, this.parts.writer);
  }

  async join(group: string, topics: readonly string[], member: GroupMember): Promise<Membership> {
    this.#mustBeOpen();
    const joined = this.#group(group, topics);
    const assignment = joined.join(member);
    return {
      get isAssigned() {
        return assignment.isAssigned;
      },
      seek: (topic, partition, offset) => assignment.cursor(topic, partition)?.seek(offset),
      pause: (topic, partition) => assignment.cursor(topic, partition)?.pause(),
      resume: (topic, partition) => assignment.cursor(topic, partition)?.resume(),
      commit: (positions) => this.#commit(group, positions),
      leave: () => joined.leave(assignment),
    };
  }

  read(topic: string, partition: number, from: Offset): AsyncIterable<readonly StoredRecord[]> {
    this.#mustBeOpen();
    const log = this.parts.catalogue.log(topic, partition);
    return this.#chunks(log, from, log.end);
  }

  async readAt(topic: string, partition: number, offsets: readonly Offset[]) {
    this.#mustBeOpen();
    const log = this.parts.catalogue.log(topic, partition);
    const answer = new ScatteredAnswer(offsets);
    for (let next = answer.next; next !== undefined; next = answer.next) {
      const { start, end } = log;
      if (next < start || next >= end) throw new OffsetOutOfRangeError(topic, partition, next, start, end);
      const found = this.parts.reader.chunk(log, next, Math.min(answer.nearEnd, end), READ_AT_BYTES);
      answer.take(found.records, found.next);
      await new Promise(setImmediate);
    }
    return answer.records;
  }

  async follow(topic: string, partition: number, from: Offset, follower: Follower) {
    this.#mustBeOpen();
    const log = this.parts.catalogue.log(topic, partition);
    const cursor = new Cursor(
      log,
      this.parts.reader,
      (records) => follower.records(records),
      (error) => {
        this.#followers.delete(following);
        follower.failed(error);
      },
    );
    const following = { cursor, follower };
    this.#followers.add(following);
    cursor.seek(from);
    return {
      stop: async () => {
        cursor.stop();
        this.#followers.delete(following);
      },
    };
  }

  async bounds(topic: string, partition: number): Promise<Bounds> {
    const { start, end } = this.parts.catalogue.log(topic, partition);
    return { start, end };
  }

  async trim(topic: string, partition: number, before: Offset): Promise<void> {
    await cutLog(this.parts.catalogue.log(topic, partition), before, this.parts.writer);
    void this.parts.upkeep.wake();
  }

  async committed(group: string, topic: string, partition: number): Promise<CommittedPosition | undefined> {
    return this.parts.reader.committed(group, topic, partition);
  }

  createTopics(topics: readonly TopicSpec[], partitions: number): Promise<void> {
    return this.parts.catalogue.create(topics, partitions, this.parts.writer);
  }

  /** After a failed write the process ends; until then appends are accepted. */
  async unwritable(): Promise<undefined> {
    return undefined;
  }

  async partitions(topic: string): Promise<number> {
    return this.parts.catalogue.logs(topic).length;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Tells every member and follower that nothing comes any more. */
  fail(error: Error): void {
    for (const group of this.#groups.values()) group.fail(error);
    for (const { cursor, follower } of this.#followers) {
      cursor.stop();
      follower.failed(error);
    }
    this.#followers.clear();
  }

  async #close(): Promise<void> {
    const { upkeep, writer, reader, lock } = this.parts;
    const inOrder = async () => {
      await Promise.all([...this.#groups.values()].map((group) => group.leaveAll()));
      await writer.idle();
    };
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WAIT_MS_MAX);
    });
    await Promise.race([inOrder(), waited]).finally(() => clearTimeout(timer));
    for (const group of this.#groups.values()) group.fail(new BrokerClosedError());
    for (const { cursor } of this.#followers) cursor.stop();
    await upkeep.stop();
    // Before the writer, whose connection must be the last one: that one brings the write-ahead log home and removes it.
    reader.close();
    await writer.close(CLOSE_WAIT_MS_MAX);
    lock.release();
  }

  async *#chunks(log: PartitionLog, from: Offset, end: Offset): AsyncGenerator<readonly StoredRecord[]> {
    for (let next = from; ; ) {
      if (next < log.start || next > end) {
        throw new OffsetOutOfRangeError(log.topic, log.partition, next, log.start, end);
      }
      if (next === end) return;
      const found = this.parts.reader.chunk(log, next, end);
      if (found.records.length > 0) yield found.records;
      next = found.next;
      await new Promise(setImmediate);
    }
  }

  #group(name: string, topics: readonly string[]): Group {
    const id = JSON.stringify([name, ...[...topics].sort()]);
    const existing = this.#groups.get(id);
    if (existing !== undefined) return existing;
    const all = topics.map((topic) => ({ topic, logs: this.parts.catalogue.logs(topic) }));
    const partitions = all[0]?.logs.length ?? 0;
    for (const { topic, logs } of all)
      if (logs.length !== partitions) throw TopicMismatchError.partitions(topic, logs.length, partitions);
    const { reader, revokeTimeoutMs } = this.parts;
    const logsOf = (partition: number) => all.flatMap(({ logs }) => logs[partition] ?? []);
    const group = new Group(partitions, reader, logsOf, revokeTimeoutMs);
    this.#groups.set(id, group);
    return group;
  }

  async #commit(
    group: string,
    positions: readonly { topic: string; partition: number; position: CommittedPosition }[],
  ): Promise<void> {
    await this.parts.writer.run(
      positions.map(({ topic, partition, position }) =>
        saveCommit(group, topic, partition, position.offset, position.metadata),
      ),
    );
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new BrokerClosedError();
  }
}
