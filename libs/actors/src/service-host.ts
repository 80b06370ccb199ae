import type { Broker, GroupMember, Membership, StoredRecord } from '@interlock/broker';
import type { HostSpec } from './host.spec.js';
import { PartitionHost, type PartitionPorts } from './partition-host.js';

export type ServicePorts<State> = Omit<PartitionPorts<State>, 'source'>;

/** A service's share of the partitions in this process: one host for each that the group gives it. */
export class ServiceHost<State> implements GroupMember {
  readonly hosts = new Map<number, PartitionHost<State>>();
  #membership: Membership | undefined;
  #early: (() => void)[] = [];

  constructor(
    readonly spec: HostSpec<State>,
    readonly ports: ServicePorts<State>,
  ) {}

  async start(broker: Broker): Promise<void> {
    const topics = this.spec.inputs.map(({ topic }) => topic);
    this.#membership = await broker.join(`interlock.${this.spec.service}`, topics, this);
    const early = this.#early;
    this.#early = [];
    for (const call of early) call();
  }

  /** Lets every partition end its work, then leaves the group. */
  async stop(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.stop()));
    await this.#membership?.leave();
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

  #sourceOf(partition: number) {
    const membership = () => this.#membership as Membership;
    return {
      seek: (topic: string, offset: number) => membership().seek(topic, partition, offset),
      pause: (topic: string) => membership().pause(topic, partition),
      resume: (topic: string) => membership().resume(topic, partition),
    };
  }
}
