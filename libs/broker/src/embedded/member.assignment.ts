import { errorOf } from '@interlock/contracts';
import type { GroupMember } from '../broker.js';
import { Cursor } from './cursor.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader } from './reader.js';

/** A member's place in its group: the partitions it holds, and a cursor for each topic of them. */
export class MemberAssignment {
  readonly held = new Set<number>();
  isLeaving = false;
  /** The group has given it its share, which may be empty. */
  isAssigned = false;
  readonly #cursors = new Map<PartitionLog, Cursor>();

  constructor(
    readonly member: GroupMember,
    readonly reader: Reader,
    readonly logsOf: (partition: number) => readonly PartitionLog[],
    readonly onFailed: (assignment: MemberAssignment) => void,
  ) {}

  assign(partition: number): void {
    this.held.add(partition);
    for (const log of this.logsOf(partition)) {
      const deliver = this.member.records.bind(this.member, log.topic, partition);
      this.#cursors.set(log, new Cursor(log, this.reader, deliver, (error) => this.fail(error)));
    }
    try {
      this.member.assigned(partition);
    } catch (error) {
      this.fail(errorOf(error));
    }
  }

  /** Delivers nothing of it any more, and waits for the member to let go, for at most `waitMsMax`. */
  async revoke(partition: number, waitMsMax: number): Promise<void> {
    this.#stop(partition);
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMsMax);
    });
    try {
      await Promise.race([this.member.revoked(partition), waited]);
    } catch (error) {
      this.fail(errorOf(error));
    } finally {
      clearTimeout(timer);
    }
    this.held.delete(partition);
  }

  /** Undefined while the partition is not held: a call that crossed a revocation. */
  cursor(topic: string, partition: number): Cursor | undefined {
    if (!this.held.has(partition)) return undefined;
    const log = this.logsOf(partition).find((one) => one.topic === topic);
    return log && this.#cursors.get(log);
  }

  fail(error: Error): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    for (const partition of this.held) this.#stop(partition);
    this.held.clear();
    this.member.failed(error);
    this.onFailed(this);
  }

  #stop(partition: number): void {
    for (const log of this.logsOf(partition)) {
      this.#cursors.get(log)?.stop();
      this.#cursors.delete(log);
    }
  }
}
