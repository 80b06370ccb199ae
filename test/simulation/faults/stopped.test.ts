import { SimulatedCluster } from '@interlock/broker/simulated';
import { planEvents, runEvents, topics } from '@interlock/contracts';
import {
  HostLifecycle,
  openLog,
  openMetrics,
  Readiness,
  readConfiguration,
  StoppedPartitions,
} from '@interlock/service';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { expect, test } from 'vitest';
import { RunLog } from '../../../libs/projection/test/run-log.ts';
import type { HostBench } from './host.bench.ts';
import { hosts } from './hosts.ts';

const configuration = readConfiguration({});
const [CUT, NEWER] = [0, 1];

test('a service names every partition that stands still, at /readyz with the reason and at /metrics for alerts', async () => {
  const time = new VirtualTime(0);
  const after = (ms: number, task: () => void) => void time.after(ms, task);
  const cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
  for (const topic of topics) cluster.create(topic, 3);
  const { broker, runtime } = new ProcessUnderTest('p', cluster, time, seededRandom(2));

  // One partition of its own log has lost records; in another an input holds what only a newer release can read.
  cluster.commit('interlock.orchestrator', planEvents.name, CUT, { offset: 9, metadata: '0.1' });
  const runs = new RunLog((records) => void cluster.stored(runEvents.name, NEWER).land(records));
  runs.claim();
  runs.append('run-1', [['run.started/99', {}]]);

  const metrics = openMetrics();
  const readiness = new Readiness();
  const { cache: _, ...spec } = hosts.planner!({ runtime } as HostBench);
  const lifecycle = new HostLifecycle(
    spec,
    broker,
    runtime,
    openLog('planner', 'silent'),
    configuration,
    readiness,
    { whenRead: async () => {} },
    new StoppedPartitions(metrics),
  );
  void lifecycle.onApplicationBootstrap();
  await new Promise((resolve) => void setImmediate(resolve));
  await time.runUntil(60_000, () => false);

  const [waiting] = readiness.waitingFor();
  expect(waiting?.name).toBe('planner');
  expect(waiting?.for).toMatch(
    /^people, partition 0: .*plan\.events\/0.*; an upgrade: partition 1, run\.events: run\.started\/99/,
  );
  const lines = (await metrics.metrics())
    .split('\n')
    .filter((line) => line.startsWith('interlock_partition_stopped{'));
  const line = (partition: number, needs: string) =>
    `interlock_partition_stopped{reader="planner",topic="${planEvents.name}",partition="${partition}",needs="${needs}"} 1`;
  expect(lines).toEqual([line(CUT, 'people'), line(NEWER, 'upgrade')]);
});
