import type { Broker, Follower, GroupMember, Membership, Offset, StoredRecord } from '../broker.js';

/** Notes what the broker says, and wakes whoever waits for it. */
class Recorder {
  readonly failures: Error[] = [];
  readonly #waiting = new Set<() => void>();

  /** Resolves once `isSo`, which is asked again whenever the broker has said something. The test's timeout bounds it. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.failures[0] !== undefined) reject(this.failures[0]);
        else if (isSo()) resolve();
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  failed(error: Error): void {
    this.failures.push(error);
    this.said();
  }

  protected said(): void {
    for (const check of [...this.#waiting]) check();
  }
}

export class RecordingFollower extends Recorder implements Follower {
  readonly seen: StoredRecord[] = [];

  records(records: readonly StoredRecord[]): void {
    this.seen.push(...records);
    this.said();
  }
}

/** A member that notes what it gets and fails on any record that is not the next one after its last seek. */
export class RecordingMember extends Recorder implements GroupMember {
  readonly held = new Set<number>();
  readonly assignments: number[] = [];
  readonly revocations: number[] = [];
  readonly seen: { topic: string; partition: number; record: StoredRecord }[] = [];
  onAssigned: (partition: number) => void = () => {};
  onRevoked: (partition: number) => Promise<void> = async () => {};
  onRecords: (topic: string, partition: number, records: readonly StoredRecord[]) => void = () => {};
  readonly #next = new Map<string, Offset>();
  #membership: Membership | undefined;

  async join(broker: Broker, group: string, topics: readonly string[]): Promise<Membership> {
    this.#membership = await broker.join(group, topics, this);
    for (const partition of this.held) this.onAssigned(partition);
    return this.#membership;
  }

  seek(topic: string, partition: number, offset: Offset): void {
    this.#next.set(`${topic}/${partition}`, offset);
    this.#membership?.seek(topic, partition, offset);
  }

  offsets(topic: string, partition = 0): Offset[] {
    return this.seen
      .filter((one) => one.topic === topic && one.partition === partition)
      .map((one) => one.record.offset);
  }

  assigned(partition: number): void {
    this.held.add(partition);
    this.assignments.push(partition);
    if (this.#membership !== undefined) this.onAssigned(partition);
    this.said();
  }

  async revoked(partition: number): Promise<void> {
    this.revocations.push(partition);
    this.said();
    await this.onRevoked(partition);
    this.held.delete(partition);
    this.said();
  }

  records(topic: string, partition: number, records: readonly StoredRecord[]): void {
    for (const record of records) this.#note(topic, partition, record);
    this.onRecords(topic, partition, records);
    this.said();
  }

  #note(topic: string, partition: number, record: StoredRecord): void {
    const place = `${topic}/${partition}`;
    const next = this.#next.get(place);
    if (record.offset !== next) {
      this.failures.push(new Error(`${place} delivered offset ${record.offset}, expected ${next}`));
    }
    this.#next.set(place, record.offset + 1);
    this.seen.push({ topic, partition, record });
  }
}
