import type { GroupMember, Membership } from '../broker.js';
import { Delivery } from './delivery.js';
import type { SimulatedCluster, SimulatedProcess } from './simulated.cluster.js';

interface Member {
  readonly member: GroupMember;
  readonly process: SimulatedProcess;
  readonly topics: readonly string[];
  readonly deliveries: Map<string, Delivery>;
  /** Partitions the member believes it holds. */
  readonly delayed: Set<number>;
  isAssigned: boolean;
}

/** A consumer group: who holds which partition, as the cluster believes. A suspended member believes otherwise. */
export class SimulatedGroup {
  #members: Member[] = [];
  #shift = 0;
  readonly #lettingGo = new Map<number, Promise<void>>();

  constructor(readonly cluster: SimulatedCluster) {}

  join(name: string, process: SimulatedProcess, topics: readonly string[], member: GroupMember): Membership {
    const joined: Member = {
      member,
      process,
      topics,
      deliveries: new Map(),
      delayed: new Set(),
      isAssigned: false,
    };
    this.#members.push(joined);
    this.cluster.world.after(0, () => this.rebalance());
    return this.#membership(name, joined);
  }

  /** @param shuffle gives every partition to another member where there is one */
  rebalance(shuffle = false): void {
    if (shuffle) this.#shift += 1;
    const present = this.#members.filter(({ process }) => process.alive);
    const partitions = this.#partitions();
    for (const one of present) {
      for (const partition of one.delayed)
        if (this.#holder(present, partition) !== one) this.#revoke(one, partition);
    }
    for (let partition = 0; partition < partitions; partition++) {
      const holder = this.#holder(present, partition);
      if (holder !== undefined && !holder.delayed.has(partition)) this.#assign(holder, partition);
    }
    for (const one of present) one.isAssigned = true;
  }

  /** The cluster waits at most one session timeout for the last holder to let go, and not at all if that is dead or asleep. */
  #assign(holder: Member, partition: number): void {
    holder.delayed.add(partition);
    const before = this.#lettingGo.get(partition) ?? Promise.resolve();
    void before.then(() => {
      holder.process.run(() => {
        if (holder.delayed.has(partition)) holder.member.assigned(partition);
      });
    });
  }

  noticeGone(process: SimulatedProcess): void {
    this.cluster.world.after(this.cluster.latencies.sessionTimeout, () => {
      if (process.alive && !process.asleep) return;
      const gone = this.#members.filter((one) => one.process === process);
      if (gone.length === 0) return;
      this.#members = this.#members.filter((one) => one.process !== process);
      this.rebalance();
      for (const one of gone) this.#rejoin(one);
    });
  }

  /** A member that wakes up learns that it was thrown out, and joins again. */
  #rejoin(gone: Member): void {
    gone.process.run(() => {
      for (const partition of [...gone.delayed]) this.#revoke(gone, partition);
      this.#members.push(gone);
      this.cluster.world.after(0, () => this.rebalance());
    });
  }

  #partitions(): number {
    const topic = this.#members[0]?.topics[0];
    return topic === undefined ? 0 : this.cluster.partitions(topic).length;
  }

  #holder(present: readonly Member[], partition: number): Member | undefined {
    return present.length === 0 ? undefined : present[(partition + this.#shift) % present.length];
  }

  #revoke(one: Member, partition: number): void {
    one.delayed.delete(partition);
    for (const topic of one.topics) {
      const key = `${topic}/${partition}`;
      one.deliveries.get(key)?.stop();
      one.deliveries.delete(key);
    }
    const { asleep, alive } = one.process;
    const letGo = new Promise<void>((resolve) => {
      one.process.run(() => void one.member.revoked(partition).then(resolve));
      if (asleep || !alive) resolve();
      this.cluster.world.after(this.cluster.latencies.sessionTimeout, resolve);
    });
    this.#lettingGo.set(partition, letGo);
  }

  #membership(name: string, joined: Member): Membership {
    const { cluster } = this;
    const delivery = (topic: string, partition: number) => joined.deliveries.get(`${topic}/${partition}`);
    return {
      get isAssigned() {
        return joined.isAssigned;
      },
      seek: (topic, partition, offset) => {
        if (!joined.delayed.has(partition)) return;
        const existing = delivery(topic, partition);
        if (existing !== undefined) existing.seek(offset);
        else joined.deliveries.set(`${topic}/${partition}`, this.#deliver(joined, topic, partition, offset));
      },
      pause: (topic, partition) => delivery(topic, partition)?.pause(),
      resume: (topic, partition) => delivery(topic, partition)?.resume(),
      commit: async (positions) => {
        for (const { topic, partition, position } of positions)
          cluster.commit(name, topic, partition, position);
      },
      leave: async () => {
        await Promise.all([...joined.delayed].map((partition) => joined.member.revoked(partition)));
        for (const one of joined.deliveries.values()) one.stop();
        joined.delayed.clear();
        this.#members = this.#members.filter((one) => one !== joined);
        this.rebalance();
      },
    };
  }

  #deliver(joined: Member, topic: string, partition: number, from: number): Delivery {
    const { world, latencies } = this.cluster;
    const stored = this.cluster.stored(topic, partition);
    const key = `${topic}/${partition}`;
    const delivery: Delivery = new Delivery(world, latencies, stored, from, (records) => {
      joined.process.run(() => {
        if (joined.deliveries.get(key) === delivery) joined.member.records(topic, partition, records);
      });
    });
    return delivery;
  }
}
