import type { GroupMember } from '../broker.js';
import { divide } from './assignment.js';
import { MemberAssignment } from './member.assignment.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader } from './reader.js';

/** The members of one group that read the same topics in this process. Changes happen one at a time. */
export class Group {
  readonly #assignments: MemberAssignment[] = [];
  #change: Promise<void> = Promise.resolve();

  /** @param logsOf the partitions of all topics with one number */
  constructor(
    readonly partitions: number,
    readonly reader: Reader,
    readonly logsOf: (partition: number) => readonly PartitionLog[],
    readonly revokeTimeoutMs: number,
  ) {}

  /** The member gets its partitions after the caller of this method has its answer. */
  join(member: GroupMember): MemberAssignment {
    const assignment = new MemberAssignment(member, this.reader, this.logsOf, () => void this.#rebalance());
    this.#assignments.push(assignment);
    setImmediate(() => void this.#rebalance());
    return assignment;
  }

  /** Resolves when `assignment` holds nothing and the others have what it held. */
  async leave(assignment: MemberAssignment): Promise<void> {
    assignment.isLeaving = true;
    await this.#rebalance();
  }

  /** Every member is told that the membership is dead. */
  fail(error: Error): void {
    for (const assignment of [...this.#assignments]) assignment.fail(error);
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#assignments].map((assignment) => this.leave(assignment)));
  }

  #rebalance(): Promise<void> {
    this.#change = this.#change.then(() => this.#divide());
    return this.#change;
  }

  async #divide(): Promise<void> {
    const staying = this.#assignments.filter((assignment) => !assignment.isLeaving);
    const shares =
      staying.length === 0
        ? []
        : divide(
            this.partitions,
            staying.map((assignment) => assignment.held),
          );
    const shareOf = (assignment: MemberAssignment) =>
      shares[staying.indexOf(assignment)] ?? new Set<number>();
    await Promise.all(
      this.#assignments.flatMap((assignment) =>
        [...assignment.held]
          .filter((partition) => !shareOf(assignment).has(partition))
          .map((partition) => assignment.revoke(partition, this.revokeTimeoutMs)),
      ),
    );
    for (const assignment of staying) {
      for (const partition of shareOf(assignment))
        if (!assignment.isLeaving && !assignment.held.has(partition)) assignment.assign(partition);
      assignment.isAssigned = true;
    }
    for (const assignment of this.#assignments.filter((one) => one.isLeaving && one.held.size === 0)) {
      this.#assignments.splice(this.#assignments.indexOf(assignment), 1);
    }
  }
}
