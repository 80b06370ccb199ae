import { SimulatedCluster } from '@interlock/broker/simulated';
import { auditEvents, runEvents } from '@interlock/contracts';
import { seededRandom, VirtualTime } from '@interlock/simulation';
import { RunLog } from '../../../libs/projection/test/run-log.js';

/** A broker of one partition with an orchestrator's log and nothing published of it. */
export function simulatedAudit(): { time: VirtualTime; cluster: SimulatedCluster; log: RunLog } {
  const time = new VirtualTime(0);
  const after = (ms: number, task: () => void) => void time.after(ms, task);
  const cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
  for (const topic of [runEvents, auditEvents]) cluster.create(topic, 1);
  const log = new RunLog((records) => void cluster.stored(runEvents.name, 0).land(records));
  log.claim();
  return { time, cluster, log };
}
