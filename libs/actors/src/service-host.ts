import type { Broker, GroupMember, Membership, StoredRecord } from '@interlock/broker';
import { groupOf } from '@interlock/contracts';
import type { HostSpec } from './host.spec.js';
import { PartitionHost, type PartitionPorts } from './partition-host.js';
import { commitPositions, trimRead } from './retention.js';
import type { Cancel } from './runtime.js';

export type ServicePorts<State> = Omit<PartitionPorts<State>, 'source'>;

/** A service's share of the partitions in this process: one host for each that the group gives it. */
export class ServiceHost<State> implements GroupMember {
  readonly hosts = new Map<number, PartitionHost<State>>();
  #membership: Membership | undefined;
  #early: (() => void)[] = [];
  #background: Cancel[] = [];
  #stopped = false;
  #sleep: (() => void) | undefined;

  constructor(
    readonly spec: HostSpec<State>,
    readonly ports: ServicePorts<State>,
  ) {}

  async start(broker: Broker): Promise<void> {
    const topics = this.spec.inputs.map(({ topic }) => topic);
    this.#membership = await broker.join(this.spec.group ?? groupOf(this.spec.service), topics, this);
    const early = this.#early;
    this.#early = [];
    for (const call of early) call();
    this.#sleep = this.spec.wakes?.(() => {
      for (const host of this.hosts.values()) host.wake();
    });
    const { commitMs, trimMs } = this.spec.limits;
    this.#every(0, commitMs, () => this.#commit());
    if (this.spec.readers !== undefined) this.#every(1, trimMs, () => this.#trim(broker));
  }

  /** Lets every partition end its work, then leaves the group. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#sleep?.();
    for (const cancel of this.#background) cancel();
    await Promise.all([...this.hosts.values()].map((host) => host.stop()));
    await this.#commit().catch((error: unknown) => {
      this.ports.observer.note('warn', 'positions not committed', { error: String(error) });
    });
    await this.#membership?.leave();
  }

  /** The group has given this process its share of the partitions, which may be empty. */
  get isAssigned(): boolean {
    return this.#membership?.isAssigned === true;
  }

  /** Every partition of ours is claimed and has read its inputs. */
  get isReady(): boolean {
    return this.hosts.size > 0 && [...this.hosts.values()].every(({ isReady }) => isReady);
  }

  assigned(partition: number): void {
    if (this.#membership === undefined) {
      this.#early.push(() => this.assigned(partition));
      return;
    }
    const host = new PartitionHost(this.spec, partition, {
      ...this.ports,
      source: this.#sourceOf(partition),
    });
    this.hosts.set(partition, host);
    host.start();
  }

  async revoked(partition: number): Promise<void> {
    const host = this.hosts.get(partition);
    if (host === undefined) return;
    await host.stop();
    if (this.hosts.get(partition) === host) this.hosts.delete(partition);
  }

  records(topic: string, partition: number, records: readonly StoredRecord[]): void {
    this.hosts.get(partition)?.add(topic, records);
  }

  failed(error: Error): void {
    this.ports.observer.stopped(-1, error, true);
  }

  /** Runs a background task over and over; one that fails is noted, and tried again the next time. */
  #every(place: number, ms: number, task: () => Promise<void>): void {
    const { scheduler } = this.ports.runtime;
    const again = () => {
      this.#background[place] = scheduler.after(ms, () => {
        task()
          .catch((error: unknown) =>
            this.ports.observer.note('warn', 'a background task failed', { error: String(error) }),
          )
          .finally(() => this.#stopped || again());
      });
    };
    again();
  }

  async #commit(): Promise<void> {
    if (this.#membership !== undefined) await commitPositions(this.hosts.values(), this.#membership);
  }

  async #trim(broker: Broker): Promise<void> {
    for (const host of this.hosts.values()) {
      const start = await trimRead(host, broker);
      const { topic } = this.spec;
      if (start !== undefined)
        this.ports.observer.note('info', 'trimmed', { topic, partition: host.partition, start });
    }
  }

  #sourceOf(partition: number) {
    const membership = () => {
      if (this.#membership === undefined) throw new Error('this host has joined no group');
      return this.#membership;
    };
    return {
      seek: (topic: string, offset: number) => membership().seek(topic, partition, offset),
      pause: (topic: string) => membership().pause(topic, partition),
      resume: (topic: string) => membership().resume(topic, partition),
    };
  }
}
