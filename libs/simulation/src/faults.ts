import type { SimulatedCluster } from '@interlock/broker/simulated';
import { plainRecord } from '@interlock/log';
import { oneOf } from './chosen.js';
import type { World } from './world.js';

type StoredPartition = ReturnType<SimulatedCluster['stored']>;

const plainTopics = ['run.commands', 'tool.handover', 'approval.commands'] as const;
const plainOfSchedules = [...plainTopics, 'run.orders', 'schedule.commands'] as const;
const fencedTopics = ['run.events', 'policy.events', 'tool.events', 'approval.events'] as const;
const fencedOfSchedules = [...fencedTopics, 'schedule.events'] as const;

/** What each is called, up to the chance that the next one has. */
const STRIKES = [
  [0.2, 'kill'],
  [0.4, 'suspension'],
  [0.5, 'restart'],
  [0.6, 'rebalance'],
  [0.7, 'slowness'],
  [0.8, 'repetition'],
  [0.9, 'garbage'],
  [0.95, 'repeated event'],
  [1, 'forgery'],
] as const;

/** What strikes between two instants, one at a time, until faults stop. */
export class Faults {
  constructor(readonly world: World) {
    const { cluster, shape } = world;
    cluster.faults = { ...shape.appendFaults };
    world.target.faults = shape.targetFaults;
    world.model.faults = shape.targetFaults;
    this.#next();
  }

  #next(): void {
    const { time, random, shape } = this.world;
    time.after(-Math.log(1 - random()) * shape.faultEveryMs, () => {
      if (!this.world.isFaulty) return;
      this.#strike();
      this.#next();
    });
  }

  #strike(): void {
    const { random, processes, cluster, hasSchedules } = this.world;
    const one = oneOf(random, processes);
    const plain = hasSchedules ? plainOfSchedules : plainTopics;
    const fenced = hasSchedules ? fencedOfSchedules : fencedTopics;
    const chance = random();
    this.world.strike(STRIKES.find(([below]) => chance < below)?.[1] ?? '');
    if (chance < 0.2) one.kill('by chance');
    else if (chance < 0.4) one.suspend(random() * (random() < 0.5 ? 2_000 : 15_000));
    else if (chance < 0.5) one.retire();
    else if (chance < 0.6) this.#rebalance();
    else if (chance < 0.7) this.#slow();
    else if (chance < 0.8) this.#repeat(plain);
    else if (chance < 0.9) this.#land(plain, this.#garbage());
    else if (chance < 0.95) this.#repeat(fenced);
    else this.#land(fenced, this.#forgery());
    cluster.latencies.appendMax = random() < 0.9 ? 3 : 300;
  }

  #rebalance(): void {
    this.world.trace('the groups are rebalanced');
    this.world.stats.rebalances += 1;
    this.world.cluster.rebalance();
  }

  #slow(): void {
    const { random, cluster } = this.world;
    cluster.latencies.deliveryMax = oneOf(random, [3, 30, 500]);
    this.world.trace(`deliveries take up to ${cluster.latencies.deliveryMax} ms`);
  }

  /** A record that lay there already comes once more. */
  #repeat(names: readonly string[]): void {
    const stored = this.#somewhere(names);
    const { start, end } = stored.bounds;
    if (end === start) return;
    const offset = start + Math.floor(this.world.random() * (end - start));
    const [record] = stored.slice(offset, 1);
    if (record === undefined) return;
    this.world.trace(`${stored.topic}/${stored.partition}: offset ${offset} comes again`);
    stored.land([record]);
  }

  #land(names: readonly string[], record: Parameters<StoredPartition['land']>[0][number]): void {
    const stored = this.#somewhere(names);
    this.world.trace(
      `${stored.topic}/${stored.partition}: somebody writes ${String(record.headers.t ?? 'garbage')}`,
    );
    stored.land([record]);
  }

  #somewhere(names: readonly string[]): StoredPartition {
    const { random, cluster, shape } = this.world;
    const name = oneOf(random, names);
    return cluster.stored(name, Math.floor(random() * shape.partitions));
  }

  /** Bytes that are nothing, a message of a release to come, one that breaks its contract. */
  #garbage(): Parameters<StoredPartition['land']>[0][number] {
    const { random, time } = this.world;
    const meta = { id: `g${random()}`, run: 'run1', time: Math.floor(time.now()) };
    const vote = { approvalId: '__proto__', runId: 'run1', by: { sub: 'lea', roles: ['lead'] }, reason: '' };
    switch (Math.floor(random() * 6)) {
      case 0:
        return { key: 'run1', headers: {}, value: Buffer.from([0xff, 0, 1]) };
      case 1:
        return plainRecord('run1', 'run.explode/7', meta, { runId: 'run1' });
      case 2:
        return plainRecord('run1', 'run.cancel/1', meta, { runId: 'run1', rollback: 'perhaps' });
      case 3:
        return plainRecord('run1', 'approval.vote/1', meta, { ...vote, commandId: meta.id, vote: 'perhaps' });
      case 4: {
        const cast = { ...vote, commandId: meta.id, vote: 'approve', issuedAt: meta.time };
        return plainRecord('run1', 'approval.vote/1', meta, cast);
      }
      default:
        return plainRecord('run1', 'handover.outcome/1', meta, {
          requestId: 'run1/2',
          callHash: 'forged',
          runId: 'run1',
          outcome: { ok: 'maybe' },
        });
    }
  }

  /** An event that nobody with a claim wrote: without headers, or naming no claim. */
  #forgery(): Parameters<StoredPartition['land']>[0][number] {
    const { random, time } = this.world;
    const meta = { id: 'run1/9', run: 'run1', seq: 9, time: Math.floor(time.now()) };
    const data = {
      checkId: 'run1/2',
      requestId: 'run1/2',
      verdict: 'allow',
      point: 'before',
      mode: 'enforce',
    };
    const said = {
      requestId: 'run1/2',
      approvalId: 'run1.2',
      callHash: 'x',
      votes: [],
      requester: 'ada',
      grantId: 'x',
    };
    switch (Math.floor(random() * 4)) {
      case 0:
        return plainRecord('run1', 'approval.confirmed/1', meta, said);
      case 1:
        return plainRecord('run1', 'policy.decided/1', meta, data);
      default:
        return { key: 'run1', headers: {}, value: Buffer.from('{}') };
    }
  }
}
