import type { Cancel } from '@interlock/actors';
import type { GroupMember, Membership, StoredRecord } from '@interlock/broker';
import { groupOf, runEvents } from '@interlock/contracts';
import { AuditPartition, type AuditPorts } from './audit.partition.js';

/** Records wait this long for company: an append costs an fsync, and nobody is kept waiting by the audit stream. */
const LINGER_MS = 100;
const COMMIT_MS = 5_000;

/** This process's share of the audit stream: one publisher for each partition that the group gives it. */
export class AuditPublisher implements GroupMember {
  readonly partitions = new Map<number, AuditPartition>();
  #membership: Membership | undefined;
  #early: number[] = [];
  #publishing: Cancel | undefined;
  #committing: Cancel | undefined;
  #isStopped = false;

  constructor(
    private readonly ports: AuditPorts,
    private readonly dead: (error: Error) => void,
  ) {}

  async start(): Promise<void> {
    this.#membership = await this.ports.broker.join(groupOf('telemetry'), [runEvents.name], this);
    for (const partition of this.#early.splice(0)) this.assigned(partition);
    this.#commitLater();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#publishing?.();
    this.#committing?.();
    await Promise.all([...this.partitions.values()].map((partition) => partition.stop()));
    await this.#commit();
    await this.#membership?.leave();
    await this.ports.producer.close();
  }

  /** Undefined: everything that was there at the start is published. */
  get waitingFor(): string | undefined {
    if (this.#membership?.isSeated !== true) return 'its share of the partitions';
    const waiting = [...this.partitions.values()].flatMap(({ partition, waitingFor }) =>
      waitingFor === undefined ? [] : [`partition ${partition}: ${waitingFor}`],
    );
    return waiting.length === 0 ? undefined : waiting.join(', ');
  }

  assigned(partition: number): void {
    const membership = this.#membership;
    if (membership === undefined) {
      this.#early.push(partition);
      return;
    }
    const source = {
      seek: (offset: number) => membership.seek(runEvents.name, partition, offset),
      pause: () => membership.pause(runEvents.name, partition),
      resume: () => membership.resume(runEvents.name, partition),
    };
    const publisher = new AuditPartition(partition, source, this.ports);
    this.partitions.set(partition, publisher);
    void publisher.start();
  }

  async revoked(partition: number): Promise<void> {
    const publisher = this.partitions.get(partition);
    if (publisher === undefined) return;
    await publisher.stop();
    if (this.partitions.get(partition) === publisher) this.partitions.delete(partition);
  }

  records(_topic: string, partition: number, records: readonly StoredRecord[]): void {
    this.partitions.get(partition)?.add(records);
    this.#publishLater();
  }

  failed(error: Error): void {
    this.dead(error);
  }

  /** All partitions at once, so that their appends share what an append costs. */
  #publishLater(): void {
    if (this.#publishing !== undefined || this.#isStopped) return;
    this.#publishing = this.ports.runtime.scheduler.after(LINGER_MS, () => {
      this.#publishing = undefined;
      for (const partition of this.partitions.values()) if (partition.hasWork) this.#publish(partition);
    });
  }

  #publish(partition: AuditPartition): void {
    if (partition.isWorking) return;
    void partition.publish().then(() => {
      if (partition.hasWork) this.#publishLater();
    });
  }

  #commitLater(): void {
    if (this.#isStopped) return;
    this.#committing = this.ports.runtime.scheduler.after(COMMIT_MS, () => {
      void this.#commit().then(() => this.#commitLater());
    });
  }

  /** For people who watch the lag: nothing starts from it. */
  async #commit(): Promise<void> {
    const positions = [...this.partitions.values()].flatMap(({ partition, position }) =>
      position === undefined
        ? []
        : [
            {
              topic: runEvents.name,
              partition,
              position: { offset: position.offset, metadata: `${position.epoch}.${position.index}` },
            },
          ],
    );
    if (positions.length === 0) return;
    await this.#membership?.commit(positions).catch((error: unknown) => {
      this.ports.note('warn', 'positions not committed', { error: String(error) });
    });
  }
}
