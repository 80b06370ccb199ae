import { setTimeout as after } from 'node:timers/promises';
import { toolHandover } from '@interlock/contracts';
import { open } from '@interlock/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { acceptedOf, claimsOf } from '../../e2e/stored.log.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import { ownersOf, partitionsOf } from './owners.ts';
import { allReady, type ServiceName, type ServiceProcess } from './service.process.ts';
import { settleAll } from './settling.ts';
import { endedInDoubt, missingWrites, requestsOfTargets, tally, writtenTwice } from './targets.ts';

const RUNS = 200;
const ROUNDS = 2;
/** The pace of the work. */
const ARRIVE_EVERY_MS = 350;

let system: KafkaSystem;
beforeEach(async () => {
  system = await KafkaSystem.start({
    orderDelayMs: 150,
    ledgerPauseMs: 150,
    apart: ['tool-executor', 'policy'],
  });
});
afterEach(() => system.stop());

test('executors and policy services come and go during the work, and each effect is made once', {
  timeout: 300_000,
}, async () => {
  const submitter = new Submitter(jobsOf(RUNS));
  const working = keepSubmitting(submitter);
  const moves: string[] = [];
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, topic] of [
      ['tool-executor', 'tool.events'],
      ['policy', 'policy.events'],
    ] as const) {
      const { another, ms } = await joins(name, topic);
      moves.push(`  another ${name} got its share after ${ms} ms`);
      await writes(topic, another);
      another.signal('SIGTERM');
      const leftAt = performance.now();
      const how = await another.ended;
      moves.push(`  it left within ${Math.round(performance.now() - leftAt)} ms (${how})`);
      expect(how).not.toBe('SIGKILL');
    }
  await working;
  const ended = await settleAll(system, [...submitter.accepted.values()]);
  expect(ended).toHaveLength(RUNS);
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  const claims = ['tool.events', 'policy.events'].map(
    (topic) => `${claimsOf(acceptedOf(log, topic)).length} of ${topic}`,
  );
  const { attempts, late } = endedInDoubt(log);
  console.log(
    [
      `${ended.length} runs; claims: ${claims.join(', ')}; ${attempts} attempts in doubt, ${late} outcomes late`,
      `${(log.get(toolHandover.name) ?? []).flat().length} outcomes were handed over on ${toolHandover.name}`,
      ...moves,
      ...tally(ended),
    ].join('\n'),
  );
  expect(ended.filter(({ status }) => status === 'escalated')).toEqual([]);
  expect(violationsIn(log, requestsOfTargets(system.requestsFile, system.ledgerFile))).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
  expect(missingWrites(ended, system.ledgerFile)).toEqual([]);
});

/** Starts another process of a service; resolves when it has claimed at least one partition of its topic. */
async function joins(name: ServiceName, topic: string): Promise<{ another: ServiceProcess; ms: number }> {
  const startedAt = performance.now();
  const another = system.startAnother(name);
  await allReady(() => [another]);
  const hasClaimed = () => partitionsOf(system.recorder.log, topic, another).length > 0;
  await eventually(`another ${name} to get partitions`, hasClaimed, 30_000, 100);
  return { another, ms: Math.round(performance.now() - startedAt) };
}

/** Resolves when a process has written to a partition that it has claimed. */
async function writes(topic: string, one: ServiceProcess): Promise<void> {
  const { log } = system.recorder;
  const hasWritten = () => {
    const owners = ownersOf(log, topic);
    const claims = partitionsOf(log, topic, one);
    return claims.some((partition) => {
      const last = log.get(topic)?.[partition]?.at(-1);
      const epoch = owners.get(partition)?.epoch ?? Number.POSITIVE_INFINITY;
      return last !== undefined && last.offset > epoch && open(last)?.meta.epoch === epoch;
    });
  };
  await eventually(`another ${one.name} to write`, hasWritten, 30_000, 100);
}

/** A few runs at a time, so that there is work at every moment. */
async function keepSubmitting(submitter: Submitter): Promise<void> {
  while (submitter.left > 0) {
    await submitter.submit(system.client, 4);
    await after(ARRIVE_EVERY_MS);
  }
}
