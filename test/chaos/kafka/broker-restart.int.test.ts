import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from '../../e2e/log.check.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { Passing } from './log.recorder.ts';
import { settleAll } from './settling.ts';
import { endedInDoubt, missingWrites, requestsOfTargets, tally, writtenTwice } from './targets.ts';

const RUNS = 100;
/** How long nobody answers. The second one is longer than a session and shorter than patience. */
const outagesMs = [0, 8_000];

let system: KafkaSystem;
beforeEach(async () => {
  system = await KafkaSystem.start({ apart: ['orchestrator', 'tool-executor'] });
});
afterEach(() => system.stop());

test('runs outlive a Kafka broker that is killed in the middle of them', { timeout: 300_000 }, async () => {
  const submitter = new Submitter(jobsOf(RUNS));
  const back: number[] = [];
  for (const outageMs of outagesMs) {
    const underWay = system.recorder.hasSeen(
      'runs to be under way',
      RUNS,
      ({ topic }) => topic === 'run.events',
    );
    const submitted = submitter.submit(system.client, Math.ceil(RUNS / outagesMs.length));
    await underWay;
    back.push(await outage(outageMs));
    await submitted;
  }
  const survivors = system.processes.filter(({ isRunning }) => isRunning);
  while (submitter.left > 0) await submitter.submit(system.client, 50);
  const accepted = [...submitter.accepted.values()];
  const ended = await settleAll(system, accepted);
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  console.log(
    [
      `${ended.length} runs; the broker was killed ${outagesMs.length} times, ${endedInDoubt(log).attempts} attempts in doubt`,
      ...outagesMs.map(
        (ms, at) =>
          `  away for ${ms} ms and its start: the first run was decided on ${back[at]} ms after it was back`,
      ),
      `${system.processes.length - survivors.length} processes ended and were started again`,
      ...tally(ended),
    ].join('\n'),
  );
  expect(violationsIn(log, requestsOfTargets(system.requestsFile, system.ledgerFile))).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
  expect(missingWrites(ended, system.ledgerFile)).toEqual([]);
});

/** Answers with how long after the broker was back the orchestrator decided something. */
async function outage(ms: number): Promise<number> {
  await system.kafka.kill();
  await after(ms); // That nobody answers for so long is what the scenario is about.
  await system.kafka.startAgain();
  const backAt = performance.now();
  const isDecision = ({ topic, record }: Passing) => topic === 'run.events' && !record.key.startsWith('host');
  await system.recorder.hasSeen('a decision', 1, isDecision);
  return Math.round(performance.now() - backAt);
}
