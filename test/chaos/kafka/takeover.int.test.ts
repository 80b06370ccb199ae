import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import { partitionsOf, shared } from './owners.ts';
import type { ServiceProcess } from './service.process.ts';
import { settleAll } from './settling.ts';
import { SuccessionWatch } from './succession.ts';

/** The session of a dead member runs out after 6 s; the rest is join, fold, claim and the first decision. */
const DECIDED_WITHIN_MS = 12_000;
/** Runs arrive at this pace all the time, whether anybody decides on them or not. */
const ARRIVALS = 4;
const ARRIVE_EVERY_MS = 500;

let system: KafkaSystem;
beforeEach(async () => {
  system = await KafkaSystem.start({ apart: ['orchestrator'] });
});
afterEach(() => system.stop());

test('a killed orchestrator is succeeded: by itself, and by one that stands by', {
  timeout: 180_000,
}, async () => {
  const submitter = new Submitter(jobsOf(400));
  const restarted = await succession(submitter, () => system.service('orchestrator'));
  console.log(`started again by its supervisor: ${describe(restarted)}`);
  await settleAll(system, [...submitter.accepted.values()]);

  const other = system.startAnother('orchestrator');
  await shared(system.recorder, 'run.events', system.service('orchestrator'), other);
  const standby = await succession(submitter, () => system.service('orchestrator'));
  console.log(`another one stands by: ${describe(standby)}`);
  await settleAll(system, [...submitter.accepted.values()]);
});

/** Kills the orchestrator while runs arrive, and waits until something was decided again in every partition it had. */
async function succession(submitter: Submitter, victimOf: () => ServiceProcess) {
  const underWay = system.recorder.hasSeen(
    'runs to be under way',
    100,
    ({ topic }) => topic === 'run.events',
  );
  const started: Promise<void>[] = [submitter.submit(system.client, 30)];
  await underWay;
  const victim = victimOf();
  const had = partitionsOf(await system.recorder.complete(), 'run.events', victim);
  expect(had).not.toEqual([]);
  const watch = new SuccessionWatch(system.recorder);
  await victim.kill();
  const mine = () => watch.found.filter(({ partition }) => had.includes(partition));
  const isDecided = () => {
    started.push(submitter.submit(system.client, ARRIVALS));
    return mine().length === had.length;
  };
  await eventually('a decision in every partition', isDecided, 60_000, ARRIVE_EVERY_MS);
  watch.stop();
  await Promise.all(started);
  const found = mine();
  expect(found.at(-1)?.decidedAfterMs).toBeLessThan(DECIDED_WITHIN_MS);
  return found;
}

const describe = (found: readonly { claimedAfterMs: number; decidedAfterMs: number }[]): string =>
  `claimed after ${found.map(({ claimedAfterMs }) => claimedAfterMs).join(', ')} ms, first decision after ${found
    .map(({ decidedAfterMs }) => decidedAfterMs)
    .join(', ')} ms`;
