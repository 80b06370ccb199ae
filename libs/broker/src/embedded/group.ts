import type { GroupMember } from '../broker.js';
import { divide } from './assignment.js';
import type { PartitionLog } from './partition.log.js';
import type { Reader } from './reader.js';
import { Seat } from './seat.js';

/** The members of one group that read the same topics in this process. Changes happen one at a time. */
export class Group {
  readonly #seats: Seat[] = [];
  #change: Promise<void> = Promise.resolve();

  /** @param logsOf the partitions of all topics with one number */
  constructor(
    readonly partitions: number,
    readonly reader: Reader,
    readonly logsOf: (partition: number) => readonly PartitionLog[],
    readonly revokeTimeoutMs: number,
  ) {}

  /** The member is told its partitions after this call's caller has had its answer. */
  join(member: GroupMember): Seat {
    const seat = new Seat(member, this.reader, this.logsOf, () => void this.#rebalance());
    this.#seats.push(seat);
    setImmediate(() => void this.#rebalance());
    return seat;
  }

  /** Resolves when `seat` holds nothing and the others have what it held. */
  async leave(seat: Seat): Promise<void> {
    seat.isLeaving = true;
    await this.#rebalance();
  }

  /** Every member is told that the membership is dead. */
  fail(error: Error): void {
    for (const seat of [...this.#seats]) seat.fail(error);
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#seats].map((seat) => this.leave(seat)));
  }

  #rebalance(): Promise<void> {
    this.#change = this.#change.then(() => this.#divide());
    return this.#change;
  }

  async #divide(): Promise<void> {
    const staying = this.#seats.filter((seat) => !seat.isLeaving);
    const shares =
      staying.length === 0
        ? []
        : divide(
            this.partitions,
            staying.map((seat) => seat.held),
          );
    const shareOf = (seat: Seat) => shares[staying.indexOf(seat)] ?? new Set<number>();
    await Promise.all(
      this.#seats.flatMap((seat) =>
        [...seat.held]
          .filter((partition) => !shareOf(seat).has(partition))
          .map((partition) => seat.revoke(partition, this.revokeTimeoutMs)),
      ),
    );
    for (const seat of staying) {
      for (const partition of shareOf(seat))
        if (!seat.isLeaving && !seat.held.has(partition)) seat.assign(partition);
      seat.isSeated = true;
    }
    for (const seat of this.#seats.filter((one) => one.isLeaving && one.held.size === 0)) {
      this.#seats.splice(this.#seats.indexOf(seat), 1);
    }
  }
}
