import { toolHandover } from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refundRequests, workflow } from '../../../examples/refund-desk/requests.ts';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { Submitter } from '../workload.ts';
import { KafkaSystem } from './kafka.system.ts';
import { claimed, partitionsOf, shared } from './owners.ts';
import { settleAll } from './settling.ts';
import { straysIn } from './strays.ts';
import { endedInDoubt, receivedByOrders, requestsOfTargets, tally, writtenTwice } from './targets.ts';

/** Writes under way when it is stopped. */
const IN_FLIGHT_MIN = 4;

let system: KafkaSystem;
beforeEach(async () => {
  // Answers come while the executor is stopped: the writes have reached the order system before.
  system = await KafkaSystem.start({ orderDelayMs: 1_500, apart: ['tool-executor'] });
});
afterEach(() => system.stop());

test('writes of an executor that was stopped until another succeeded it are made once, and what it still learns is handed over', {
  timeout: 300_000,
}, async () => {
  const other = system.startAnother('tool-executor');
  await shared(system.recorder, 'tool.events', system.service('tool-executor'), other);
  const zombie = system.service('tool-executor');
  const had = partitionsOf(await system.recorder.complete(), 'tool.events', zombie);
  expect(had).not.toEqual([]);
  const jobs = refundRequests().map(({ input }) => ({ key: `refund-${input.requestId}`, workflow, input }));
  const submitter = new Submitter(jobs);
  const submitted = submitter.submit(system.client, jobs.length);
  await eventually('several writes to wait for their answers', () => writes() >= IN_FLIGHT_MIN);
  zombie.signal('SIGSTOP');
  await claimed(system.recorder, 'tool.events', had, other);
  zombie.signal('SIGCONT');
  await submitted;
  const ended = await settleAll(system, [...submitter.accepted.values()]);
  // It claims again after everything that it still had to append.
  await shared(system.recorder, 'tool.events', zombie, other);
  expect(zombie.isRunning).toBe(true);
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  const { attempts, late } = endedInDoubt(log);
  console.log(
    [
      `${ended.length} runs; ${late} outcomes came late, ${attempts} attempts never got one`,
      `${(log.get(toolHandover.name) ?? []).flat().length} outcomes were handed over on ${toolHandover.name}`,
      `${straysIn(log, 'tool.events').length} records of the old claim lie behind the new one on tool.events`,
      ...tally(ended),
    ].join('\n'),
  );
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  expect(ended.filter(({ status }) => status === 'escalated')).toEqual([]);
  expect(violationsIn(log, requestsOfTargets(system.requestsFile, system.ledgerFile))).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
});

/** How many writes have reached the order system. */
const writes = (): number =>
  receivedByOrders(system.requestsFile).filter(
    ({ method, path }) => method === 'POST' && path !== '/refunds/quote',
  ).length;
