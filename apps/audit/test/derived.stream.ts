import type { StoredRecord } from '@interlock/broker';
import type { SimulatedCluster } from '@interlock/broker/simulated';
import { auditStreamOf } from '../src/audit.stream.js';
import { manifests } from './signing.js';

/** The stream of a partition as it is derived where events are not stored, numbered. */
export async function derivedFrom(cluster: SimulatedCluster, partition: number): Promise<StoredRecord[]> {
  const log = {
    isOpenToOthers: false,
    bounds: async (topic: string, of: number) => cluster.stored(topic, of).bounds,
    async *read(topic: string, of: number, from: number) {
      yield cluster.stored(topic, of).slice(from, Number.POSITIVE_INFINITY);
    },
  };
  const derived: StoredRecord[] = [];
  for await (const record of auditStreamOf(log, partition, manifests))
    derived.push({ ...record, offset: derived.length });
  return derived;
}
