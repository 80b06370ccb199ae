import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { acceptedOf, type StoredLog } from '../../e2e/stored.log.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import { claimed, ownersOf, partitionsOf, shared } from './owners.ts';
import type { ServiceProcess } from './service.process.ts';
import { settleAll } from './settling.ts';
import { type Stray, straysIn } from './strays.ts';
import { SuccessionWatch } from './succession.ts';
import { missingWrites, requestsOfTargets, tally, writtenTwice } from './targets.ts';

/** A process stopped between two appends of a partition writes nothing late; then it is stopped again. */
const TRIES_MAX = 4;
const RUNS = 480;

let system: KafkaSystem;
beforeEach(async () => {
  system = await KafkaSystem.start({ orderDelayMs: 5, ledgerPauseMs: 5, apart: ['orchestrator'] });
});
afterEach(() => system.stop());

test('what an orchestrator that was stopped until another succeeded it still appends is accepted by nobody', {
  timeout: 400_000,
}, async () => {
  const other = system.startAnother('orchestrator');
  await shared(system.recorder, 'run.events', system.service('orchestrator'), other);
  const submitter = new Submitter(jobsOf(RUNS));
  let strays: Stray[] = [];
  let tries = 0;
  while (strays.length === 0 && tries < TRIES_MAX) {
    const zombie = tries % 2 === 0 ? system.service('orchestrator') : other;
    await stopAndContinue(zombie, tries % 2 === 0 ? other : system.service('orchestrator'), submitter);
    strays = straysIn(await system.recorder.complete(), 'run.events');
    tries += 1;
  }
  while (submitter.left > 0) await submitter.submit(system.client, 50);
  const accepted = [...submitter.accepted.values()];
  expect(accepted).toHaveLength(RUNS);
  const ended = await settleAll(system, accepted);
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  await expectNobodyTook(await system.recorder.complete(), strays);
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  console.log(
    [`${ended.length} runs; stopped ${tries} times`, ...summaryOf(strays), ...tally(ended)].join('\n'),
  );
  expect(strays.length).toBeGreaterThan(0);
  expect(violationsIn(log, requestsOfTargets(system.requestsFile, system.ledgerFile))).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
  expect(missingWrites(ended, system.ledgerFile)).toEqual([]);
});

/**
 * Stops the process in the middle of its appends until the other one has decided something in each of its partitions. Resolves when it
 * has partitions again: it claims them after everything that it still had to append.
 */
async function stopAndContinue(
  zombie: ServiceProcess,
  other: ServiceProcess,
  submitter: Submitter,
): Promise<void> {
  const submitted = [submitter.submit(system.client, 60)];
  const had = partitionsOf(await system.recorder.complete(), 'run.events', zombie);
  expect(had).not.toEqual([]);
  await busy(had);
  const watch = new SuccessionWatch(system.recorder);
  zombie.signal('SIGSTOP');
  await claimed(system.recorder, 'run.events', had, other);
  submitted.push(submitter.submit(system.client, 30));
  const isSucceeded = () => had.every((each) => watch.found.some(({ partition }) => partition === each));
  await eventually('the other to decide in every partition', isSucceeded);
  watch.stop();
  const owners = ownersOf(await system.recorder.complete(), 'run.events');
  for (const partition of had) expect(owners.get(partition)?.host).not.toBe(`orchestrator-${zombie.pid}`);
  zombie.signal('SIGCONT');
  await Promise.all(submitted);
  await shared(system.recorder, 'run.events', zombie, other);
}

/** Resolves in the middle of the work: after many records of these partitions. */
const busy = (partitions: readonly number[]): Promise<void> =>
  system.recorder.hasSeen(
    'the orchestrator to be busy',
    100,
    ({ topic, partition }) => topic === 'run.events' && partitions.includes(partition),
  );

/** Not the reader's rule, not the gateway, and nobody answers one of them. */
async function expectNobodyTook(log: StoredLog, strays: readonly Stray[]): Promise<void> {
  const events = acceptedOf(log, 'run.events');
  const answers = [...acceptedOf(log, 'policy.events'), ...acceptedOf(log, 'tool.events')];
  const placeOf = (partition: number, offset: number) => `${partition}/${offset}`;
  const taken = new Set([
    ...events.map(({ partition, accepted }) => placeOf(partition, accepted.offset)),
    ...answers.map(({ partition, accepted }) => placeOf(partition, accepted.meta.ref ?? -1)),
  ]);
  expect(strays.filter(({ partition, offset }) => taken.has(placeOf(partition, offset)))).toEqual([]);
  for (const run of new Set(strays.flatMap((stray) => stray.run ?? []))) {
    const accepted = events.filter(({ meta }) => meta.run === run);
    const shown = await system.client.events(run);
    expect(shown.map(({ seq, type }) => `${seq} ${type}`)).toEqual(
      accepted.map(({ type, meta }) => `${meta.seq} ${type}`),
    );
    expect(shown.map(({ seq }) => seq)).toEqual(shown.map((_, index) => index + 1));
  }
}

/** How many lie behind which claim, and which the first one is. */
const summaryOf = (strays: readonly Stray[]): string[] =>
  [
    ...Map.groupBy(
      strays,
      ({ partition, epoch, newerClaim }) => `${partition} ${epoch} ${newerClaim}`,
    ).values(),
  ].map((group) => {
    const [{ partition, offset, epoch, newerClaim, wire } = group[0] as Stray] = group;
    return `  run.events/${partition}: ${group.length} records of claim ${epoch} lie behind claim ${newerClaim}, the first (${wire}) at offset ${offset}`;
  });
