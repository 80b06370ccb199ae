import type { TopicSpec } from '@interlock/contracts';
import type { Broker, CommittedPosition } from '../broker.js';
import { TopicMismatchError, UnknownTopicError } from '../errors.js';
import { SimulatedBroker } from './simulated.broker.js';
import { SimulatedGroup } from './simulated.group.js';
import { StoredPartition } from './stored-topic.js';
import { type AppendFaults, type Latencies, noFaults, quickLatencies, type World } from './world.js';

/** A process of the simulation, as the cluster sees it. */
export class SimulatedProcess {
  alive = true;
  /** Suspended: nothing of it runs, what comes for it waits. */
  asleep = false;
  #waiting: (() => void)[] = [];

  constructor(readonly name: string) {}

  /** Runs `task` in the process: now, when it wakes, or never. */
  run(task: () => void): void {
    if (!this.alive) return;
    if (this.asleep) this.#waiting.push(task);
    else task();
  }

  wake(): void {
    this.asleep = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.run(task);
  }
}

/** The cluster's own state: topics, groups, commits, and the faults that are on. Outlives every process. */
export class SimulatedCluster {
  faults: AppendFaults = noFaults();
  /** Applies to the next append alone, whoever makes it. */
  nextAppend: AppendFaults | undefined;
  #delayed: { land: () => void } | undefined;
  readonly latencies: Latencies = quickLatencies();
  readonly #topics = new Map<string, StoredPartition[]>();
  readonly #groups = new Map<string, SimulatedGroup>();
  readonly #commits = new Map<string, CommittedPosition>();

  constructor(readonly world: World) {}

  /** A broker as `process` sees it. */
  connect(process: SimulatedProcess): Broker {
    return new SimulatedBroker(this, process);
  }

  /** The next append gets no answer and lands when told to. */
  holdNextAppend(): { land(): void } {
    const delayed = { land: () => {} };
    this.#delayed = delayed;
    return { land: () => delayed.land() };
  }

  takeDelayed(): { land: () => void } | undefined {
    const delayed = this.#delayed;
    this.#delayed = undefined;
    return delayed;
  }

  takeFaults(): AppendFaults {
    const faults = this.nextAppend ?? this.faults;
    this.nextAppend = undefined;
    return faults;
  }

  create(spec: TopicSpec, partitions: number): void {
    const wanted = spec.scope === 'global' ? 1 : partitions;
    const existing = this.#topics.get(spec.name);
    if (existing !== undefined) {
      if (existing.length !== wanted) throw TopicMismatchError.partitions(spec.name, existing.length, wanted);
      return;
    }
    const compacted = spec.keep === 'compacted';
    const created = Array.from(
      { length: wanted },
      (_, partition) => new StoredPartition(spec.name, partition, compacted),
    );
    this.#topics.set(spec.name, created);
  }

  partitions(topic: string): StoredPartition[] {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new UnknownTopicError(topic, 0);
    return found;
  }

  stored(topic: string, partition: number): StoredPartition {
    const found = this.#topics.get(topic)?.[partition];
    if (found === undefined) throw new UnknownTopicError(topic, partition);
    return found;
  }

  get topics(): IterableIterator<string> {
    return this.#topics.keys();
  }

  group(name: string): SimulatedGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new SimulatedGroup(this);
      this.#groups.set(name, group);
    }
    return group;
  }

  /** Moves partitions about although nobody came or went. */
  rebalance(): void {
    for (const group of this.#groups.values()) group.rebalance(true);
  }

  /** The process has died or is suspended: its group members lose their partitions after the session timeout. */
  noticeGone(process: SimulatedProcess): void {
    for (const group of this.#groups.values()) group.noticeGone(process);
  }

  commit(group: string, topic: string, partition: number, position: CommittedPosition): void {
    this.#commits.set(`${group}|${topic}|${partition}`, position);
  }

  committed(group: string, topic: string, partition: number): CommittedPosition | undefined {
    return this.#commits.get(`${group}|${topic}|${partition}`);
  }
}
