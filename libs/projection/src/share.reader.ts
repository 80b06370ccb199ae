/**
 * Reads this process's share of the partitions of some topics: a group gives it out, so that every partition is read by one process of
 * the service. The group is a hint: two may believe for a while that a partition is theirs.
 *
 * S1. What is committed is what a partition says of itself; nothing is committed of one that has said nothing new.
 * S2. A partition that is taken away is closed and its positions are committed before it is let go.
 */
import type { Broker, CommittedPosition, GroupMember, Membership, StoredRecord } from '@interlock/broker';

/** A place to commit. */
export interface CommittedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly position: CommittedPosition;
}

/** One partition of the share: what is done with its records. */
export interface SharedPartition {
  records(topic: string, records: readonly StoredRecord[]): void;
  /** How far each of its topics is dealt with. */
  positions(): readonly CommittedPlace[];
  /** Resolves when nothing more happens with it. */
  close(): Promise<void>;
}

/** How a partition moves its own reading. */
export interface ShareSource {
  seek(topic: string, offset: number): void;
  pause(topic: string): void;
  resume(topic: string): void;
}

export interface SharePorts {
  readonly broker: Pick<Broker, 'join'>;
  readonly scheduler: { after(delayMs: number, task: () => void): () => void };
  /** Positions could not be committed: they are committed again with the next ones. */
  readonly uncommitted: (error: unknown) => void;
  /** The membership is dead: end the process. */
  readonly dead: (error: Error) => void;
}

/** Positions that move without a commit of their own are committed at this interval, ms. */
const COMMIT_MS = 5_000;

interface Held<Partition> {
  readonly partition: Partition;
  /** Positions as last committed. */
  said: string;
}

export class ShareReader<Partition extends SharedPartition> implements GroupMember {
  readonly #held = new Map<number, Held<Partition>>();
  #membership: Membership | undefined;
  #early: number[] = [];
  #committing: (() => void) | undefined;
  #isStopped = false;

  /** @param open starts a partition, which seeks each of its topics once it knows its position */
  constructor(
    private readonly ports: SharePorts,
    readonly group: string,
    readonly topics: readonly string[],
    private readonly open: (partition: number, source: ShareSource) => Partition,
  ) {}

  /** Those that this process holds now. */
  get partitions(): readonly Partition[] {
    return [...this.#held.values()].map(({ partition }) => partition);
  }

  /** Whether the group has given this process its share. */
  get isAssigned(): boolean {
    return this.#membership?.isAssigned === true;
  }

  async start(): Promise<void> {
    this.#membership = await this.ports.broker.join(this.group, this.topics, this);
    for (const partition of this.#early.splice(0)) this.assigned(partition);
    this.#commitLater();
  }

  /** Closes every partition, commits and leaves the group. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#committing?.();
    await Promise.all(this.partitions.map((partition) => partition.close()));
    await this.commit();
    await this.#membership?.leave();
  }

  /** Commits what is new (S1). Never throws: positions that could not be committed are committed the next time. */
  async commit(): Promise<void> {
    await this.#commit([...this.#held.values()]);
  }

  assigned(number: number): void {
    const membership = this.#membership;
    if (membership === undefined) {
      this.#early.push(number);
      return;
    }
    const source: ShareSource = {
      seek: (topic, offset) => membership.seek(topic, number, offset),
      pause: (topic) => membership.pause(topic, number),
      resume: (topic) => membership.resume(topic, number),
    };
    this.#held.set(number, { partition: this.open(number, source), said: '' });
  }

  async revoked(number: number): Promise<void> {
    const held = this.#held.get(number);
    if (held === undefined) return;
    await held.partition.close();
    await this.#commit([held]); // S2
    if (this.#held.get(number) === held) this.#held.delete(number);
  }

  records(topic: string, partition: number, records: readonly StoredRecord[]): void {
    if (!this.#isStopped) this.#held.get(partition)?.partition.records(topic, records);
  }

  failed(error: Error): void {
    this.ports.dead(error);
  }

  #commitLater(): void {
    if (this.#isStopped) return;
    this.#committing = this.ports.scheduler.after(COMMIT_MS, () => {
      void this.commit().then(() => this.#commitLater());
    });
  }

  async #commit(all: readonly Held<Partition>[]): Promise<void> {
    const changed = all.flatMap((held) => {
      const positions = held.partition.positions();
      const said = JSON.stringify(positions);
      return positions.length === 0 || said === held.said ? [] : [{ held, positions, said }];
    });
    if (changed.length === 0) return;
    try {
      await this.#membership?.commit(changed.flatMap(({ positions }) => positions));
      for (const { held, said } of changed) held.said = said;
    } catch (error) {
      this.ports.uncommitted(error);
    }
  }
}
