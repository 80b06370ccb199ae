import { setTimeout as after } from 'node:timers/promises';
import { seededRandom } from '@interlock/simulation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from '../../e2e/log.check.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { decideByLedger } from '../operator.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { Passing } from './log.recorder.ts';
import type { ServiceName } from './service.process.ts';
import { settleAll } from './settling.ts';
import { shuffled } from './shuffled.ts';
import { endedInDoubt, missingWrites, requestsOfTargets, tally, writtenTwice } from './targets.ts';

/** At most twenty. */
const KILLS = Number(process.env.KAFKA_KILLS ?? 7);
const RUNS = 15 * KILLS;
const KILLS_IN_DOUBT_MIN = Math.max(1, Math.floor(KILLS / 4));
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** Intents are the executor's, so it dies most often. The first seven include every service that is killed: planner, audit and telemetry are not. */
const ranked: readonly ServiceName[] = [
  ...Array<ServiceName>(2).fill('tool-executor'),
  ...(['orchestrator', 'policy', 'gateway', 'approval', 'registry'] as const),
  ...Array<ServiceName>(6).fill('tool-executor'),
  ...Array<ServiceName>(3).fill('orchestrator'),
  ...(['policy', 'policy', 'gateway', 'approval'] as const),
];
const victims = ranked.slice(0, KILLS);

let system: KafkaSystem;
beforeEach(async () => {
  system = await KafkaSystem.start({ orderDelayMs: 150, ledgerPauseMs: 150, apart: [...new Set(ranked)] });
});
afterEach(() => system.stop());

test(`${RUNS} runs are worked to their end although services are killed ${victims.length} times`, {
  timeout: 600_000,
}, async () => {
  console.log(`seed ${SEED}`);
  const startedAt = performance.now();
  const submitter = new Submitter(jobsOf(RUNS));
  const kills = await killAgainAndAgain(submitter);
  await system.ready();
  while (submitter.left > 0) await submitter.submit(system.client, 50);
  const accepted = [...submitter.accepted.values()];
  expect(accepted).toHaveLength(RUNS);
  const settled = await settleAll(system, accepted);
  expect(settled.filter((run) => !isSettled(run))).toEqual([]);
  const decided = await decideByLedger(system.client, settled, system.ledgerFile);
  const ended = await settleAll(system, accepted);
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  const inDoubt = endedInDoubt(log);
  console.log(
    [
      `${ended.length} runs, ${kills.length} kills in ${Math.round((performance.now() - startedAt) / 1_000)} s`,
      `${inDoubt.processes} executors died between an intent and its outcome, ${inDoubt.attempts} attempts in doubt`,
      `a person decided ${decided} times`,
      ...kills.map(({ victim, readyAfterMs }) => `  ${victim}: ready again after ${readyAfterMs ?? '-'} ms`),
      ...tally(ended),
    ].join('\n'),
  );
  expect(violationsIn(log, requestsOfTargets(system.requestsFile, system.ledgerFile))).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
  expect(missingWrites(ended, system.ledgerFile)).toEqual([]);
  expect(inDoubt.processes).toBeGreaterThanOrEqual(KILLS_IN_DOUBT_MIN);
});

interface Kill {
  readonly victim: ServiceName;
  /** Absent: the next one died before. */
  readonly readyAfterMs?: number;
}

/** Every fourth kill falls while the system still recovers from the one before. */
async function killAgainAndAgain(submitter: Submitter): Promise<Kill[]> {
  const random = seededRandom(SEED);
  const kills: Kill[] = [];
  for (const [place, victim] of shuffled(victims, random).entries()) {
    const submitted = submitter.submit(system.client, Math.ceil(RUNS / (victims.length - 1)));
    if (victim === 'tool-executor') await anAttempt();
    await after(random() * 250); // Any instant of the work.
    await system.service(victim).kill();
    const killedAt = performance.now();
    await submitted;
    if (place % 4 === 3) {
      await after(300 + random() * 1_000); // Any instant of the recovery.
      kills.push({ victim });
      continue;
    }
    await system.ready();
    kills.push({ victim, readyAfterMs: Math.round(performance.now() - killedAt) });
  }
  return kills;
}

/** Resolves when a write is about to be made; at last after 5 s, for none may be while the gateway recovers. */
const anAttempt = (): Promise<void> =>
  system.recorder.hasSeen('an attempt', 1, isAttempt, 5_000).catch(() => undefined);

const isAttempt = ({ topic, record }: Passing): boolean =>
  topic === 'tool.events' && `${Buffer.from(record.headers.t ?? [])}`.startsWith('tool.attempt_started/');
