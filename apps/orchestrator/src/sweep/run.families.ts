import type { PartitionHost } from '@interlock/actors';
import { type Broker, partitionOf } from '@interlock/broker';
import { familyStanding, type RunState } from '@interlock/run';
import type { Families, FamilyStanding, Hashes } from '@interlock/values';
import { hashesNamed } from './named.hashes.js';

export interface FamilyPorts {
  readonly hosts: ReadonlyMap<number, Pick<PartitionHost<RunState>, 'isReady' | 'own'>>;
  readonly broker: Pick<Broker, 'bounds' | 'read'>;
  readonly partitions: number;
  /** Where values are named: the log of the runs, and all that it is told by. */
  readonly topics: readonly string[];
  /** A run that anything was recorded of since may have values that are not named yet, ms. */
  readonly afterMs: number;
  readonly now: () => number;
}

/** The families of the partitions that this process holds. Those of others, and of other installations, are none of ours. */
export class RunFamilies implements Families {
  constructor(private readonly ports: FamilyPorts) {}

  standing(family: string): FamilyStanding {
    const { hosts, partitions, afterMs, now } = this.ports;
    const host = hosts.get(partitionOf(family, partitions));
    if (host?.isReady !== true) return undefined;
    const { store, deferred } = host.own;
    const root = store.get(family)?.state;
    if (root === undefined || root.origin.rootRunId !== family) return undefined;
    // What waits in the log to be decided on may name a value.
    if ([...deferred.values()].some(({ record }) => record.key === family)) return undefined;
    const others = store.kinOf(family, family).map(({ state }) => state);
    return familyStanding(root, others, now() - afterMs);
  }

  async named(candidates: Hashes): Promise<Hashes> {
    const { broker, partitions, topics } = this.ports;
    const named = new Map<string, Set<string>>();
    const here = Map.groupBy(candidates, ([family]) => partitionOf(family, partitions));
    for (const [partition, families] of here)
      for (const topic of topics) await hashesNamed(broker, { topic, partition }, new Map(families), named);
    return named;
  }
}
