import type { Cancel } from '@interlock/actors';
import { groupOf, runEvents } from '@interlock/contracts';
import { ShareReader, type ShareSource } from '@interlock/projection';
import { AuditPartition, type AuditPorts } from './audit.partition.js';
import { HEAD_MS } from './unsigned.heads.js';

/** Records wait this long for company: an append costs an fsync, and nobody is kept waiting by the audit stream. */
const LINGER_MS = 100;
/** How often it is asked whether a head is due. */
const LOOK_MS = HEAD_MS / 4;

/** This process's share of the audit stream: one publisher for each partition that the group gives it. */
export class AuditPublisher {
  readonly #share: ShareReader<AuditPartition>;
  #publishing: Cancel | undefined;
  #signing: Cancel | undefined;
  #isStopped = false;

  constructor(
    private readonly ports: AuditPorts,
    dead: (error: Error) => void,
  ) {
    const { broker, runtime, note } = ports;
    const uncommitted = (error: unknown) => note('warn', 'positions not committed', { error: String(error) });
    this.#share = new ShareReader(
      { broker, scheduler: runtime.scheduler, uncommitted, dead },
      groupOf('audit'),
      [runEvents.name],
      (partition, source) => this.#open(partition, source),
    );
  }

  get partitions(): readonly AuditPartition[] {
    return this.#share.partitions;
  }

  start(): Promise<void> {
    return this.#share.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#publishing?.();
    this.#signing?.();
    await this.#share.stop();
    await this.ports.producer.close();
  }

  /** Undefined: everything that was there at the start is published. */
  get waitingFor(): string | undefined {
    if (!this.#share.isAssigned) return 'its share of the partitions';
    const waiting = this.partitions.flatMap(({ partition, waitingFor }) =>
      waitingFor === undefined ? [] : [`partition ${partition}: ${waitingFor}`],
    );
    return waiting.length === 0 ? undefined : waiting.join(', ');
  }

  #open(partition: number, source: ShareSource): AuditPartition {
    const opened = new AuditPartition(partition, source, this.ports, () => this.#publishLater());
    void opened.start();
    return opened;
  }

  /** All partitions at once, so that their appends share what an append costs. */
  #publishLater(): void {
    if (this.#publishing !== undefined || this.#isStopped) return;
    this.#publishing = this.ports.runtime.scheduler.after(LINGER_MS, () => {
      this.#publishing = undefined;
      for (const partition of this.partitions) if (partition.hasWork) this.#publish(partition);
    });
  }

  #publish(partition: AuditPartition): void {
    if (partition.isWorking) return;
    void partition.publish().then(() => {
      if (partition.hasWork) this.#publishLater();
      else if (partition.hasUnsigned) this.#signLater();
    });
  }

  /** Looks again for heads that are due, until none waits. */
  #signLater(): void {
    if (this.#signing !== undefined || this.#isStopped) return;
    this.#signing = this.ports.runtime.scheduler.after(LOOK_MS, () => {
      this.#signing = undefined;
      for (const partition of this.partitions) if (partition.hasWork) this.#publish(partition);
      if (this.partitions.some(({ hasUnsigned }) => hasUnsigned)) this.#signLater();
    });
  }
}
