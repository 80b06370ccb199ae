import type { TopicSpec } from '@interlock/contracts';
import type {
  Bounds,
  Broker,
  CommittedPosition,
  Follower,
  GroupMember,
  Membership,
  Offset,
  Producer,
  StoredRecord,
} from '../broker.js';
import { ScatteredAnswer } from '../scattered.answer.js';
import { Delivery } from './delivery.js';
import type { SimulatedCluster, SimulatedProcess } from './simulated.cluster.js';
import { SimulatedProducer } from './simulated.producer.js';

/** The port as one simulated process sees it; dies with the process, the cluster goes on. */
export class SimulatedBroker implements Broker {
  readonly isOpenToOthers = true;
  readonly #producers = new Set<SimulatedProducer>();
  readonly #memberships = new Set<Membership>();
  readonly #followed = new Set<Delivery>();

  constructor(
    readonly cluster: SimulatedCluster,
    readonly process: SimulatedProcess,
  ) {}

  producer(): Producer {
    const producer = new SimulatedProducer(this.cluster, this.process);
    this.#producers.add(producer);
    return producer;
  }

  async join(group: string, topics: readonly string[], member: GroupMember): Promise<Membership> {
    const membership = this.cluster.group(group).join(group, this.process, topics, member);
    this.#memberships.add(membership);
    return membership;
  }

  async *read(topic: string, partition: number, from: Offset): AsyncIterable<readonly StoredRecord[]> {
    const stored = this.cluster.stored(topic, partition);
    stored.check(from);
    const { end } = stored.bounds;
    let next = from;
    while (next < end) {
      await this.#later();
      const records = stored.slice(Math.max(next, stored.start), 100).filter(({ offset }) => offset < end);
      const last = records.at(-1);
      if (last === undefined) return;
      next = last.offset + 1;
      yield records;
    }
  }

  async readAt(topic: string, partition: number, offsets: readonly Offset[]) {
    await this.#later();
    const stored = this.cluster.stored(topic, partition);
    const answer = new ScatteredAnswer(offsets);
    for (let next = answer.next; next !== undefined; next = answer.next) {
      stored.check(next, stored.bounds.end - 1);
      answer.take(stored.slice(next, 1), next + 1);
    }
    return answer.records;
  }

  async follow(
    topic: string,
    partition: number,
    from: Offset,
    follower: Follower,
  ): Promise<{ stop(): Promise<void> }> {
    const { world, latencies } = this.cluster;
    const delivery = new Delivery(world, latencies, this.cluster.stored(topic, partition), from, (records) =>
      this.process.run(() => follower.records(records)),
    );
    this.#followed.add(delivery);
    return {
      stop: async () => {
        delivery.stop();
        this.#followed.delete(delivery);
      },
    };
  }

  async bounds(topic: string, partition: number): Promise<Bounds> {
    await this.#later();
    return this.cluster.stored(topic, partition).bounds;
  }

  async trim(topic: string, partition: number, before: Offset): Promise<void> {
    this.cluster.stored(topic, partition).trim(before);
  }

  async committed(group: string, topic: string, partition: number): Promise<CommittedPosition | undefined> {
    return this.cluster.committed(group, topic, partition);
  }

  async createTopics(topics: readonly TopicSpec[], partitions: number): Promise<void> {
    for (const topic of topics) this.cluster.create(topic, partitions);
  }

  async unwritable(): Promise<undefined> {
    return undefined;
  }

  async partitions(topic: string): Promise<number> {
    return this.cluster.partitions(topic).length;
  }

  async close(): Promise<void> {
    for (const membership of this.#memberships) await membership.leave();
    for (const producer of this.#producers) await producer.close();
    for (const delivery of this.#followed) delivery.stop();
  }

  /** One round trip, in the process's own time. */
  #later(): Promise<void> {
    const { world, latencies } = this.cluster;
    return new Promise((resolve) => {
      world.after(world.random() * latencies.deliveryMax, () => this.process.run(resolve));
    });
  }
}
