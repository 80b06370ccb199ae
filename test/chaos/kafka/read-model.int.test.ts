import { setTimeout as after } from 'node:timers/promises';
import { isTerminal } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from '../../e2e/log.check.ts';
import { Person } from '../../e2e/person.ts';
import { isSettled, type Run } from '../../e2e/system.client.ts';
import { jobsOf, Submitter } from '../workload.ts';
import { expectWholeFeed } from './feed.check.ts';
import { msOf, type Outage, SharedReadModel } from './read-model.kafka.ts';
import { settleAll } from './settling.ts';
import { missingWrites, tally, writtenTwice } from './targets.ts';

const RUNS = 200;
const AT_ONCE = 10;
const KILLED_MS = 3_000;
/** Longer than a gateway waits for an answer of Redis. */
const HUNG_MS = 7_000;

/** Ten processes and a broker. */
const START_MS = 240_000;

let shared: SharedReadModel;
beforeEach(async () => {
  shared = await SharedReadModel.start();
}, START_MS);
afterEach(() => shared?.remove());

test(`${RUNS} runs on Kafka end as ever while the Redis of two gateways is flushed, killed and hung, and it comes back from the log`, {
  timeout: 400_000,
}, async () => {
  const { system, redis } = shared;
  const submitter = new Submitter(jobsOf(RUNS));
  const startUpTo = async (left: number) => {
    for (let turn = 0; submitter.left > left; turn++)
      await submitter.submit(shared.clients[turn % 2]!, AT_ONCE);
  };
  const outages: Outage[] = [];
  await startUpTo(150);
  outages.push(await shared.outage('FLUSHALL', async () => void (await redis.command('FLUSHALL'))));
  await startUpTo(120);
  outages.push(
    await shared.outage('killed, back empty', async () => {
      await redis.kill();
      const back = after(KILLED_MS).then(() => redis.run());
      await startUpTo(70);
      await back;
    }),
  );
  await startUpTo(50);
  outages.push(
    await shared.outage('hung, back as it was', async () => {
      redis.freeze();
      const back = after(HUNG_MS).then(() => redis.thaw());
      await startUpTo(0);
      await back;
    }),
  );

  const accepted = [...submitter.accepted.values()];
  expect(accepted).toHaveLength(RUNS);
  const settled = await settleAll(system, accepted);
  const votes = await approveAll(settled);
  const ended = await settleAll(system, accepted, ({ status }) => isTerminal(status));
  const expected = await shared.seenBy(shared.reference, ended);
  for (const client of shared.clients) expect(await shared.seenBy(client, ended)).toEqual(expected);
  const fed = await expectWholeFeed(shared.clients, ended);
  const metrics = await shared.metrics();
  expect(metrics.wrong).toEqual([]);

  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  // The log alone: what the mail system received says nothing about which mails bounced.
  expect(violationsIn(log)).toEqual([]);
  expect(writtenTwice(system.requestsFile, system.ledgerFile)).toEqual([]);
  expect(missingWrites(ended, system.ledgerFile)).toEqual([]);
  console.log(
    [
      `Kafka, two gateways on one Redis: ${ended.length} runs, all ended; ${votes} votes`,
      ...outages.map(({ name, ms }) => `  ${name}: both answer again after ${msOf(ms)}`),
      `  reads meanwhile: ${JSON.stringify(metrics.reads)}; slowest ${msOf(metrics.slowestMs)}`,
      `  Redis holds ${metrics.redisBytes} bytes`,
      `  the stream over all runs: ${fed} events, whole over both gateways`,
      `  starts meanwhile: all ${accepted.length} accepted`,
      ...tally(ended),
    ].join('\n'),
  );
});

/** People decide what is asked, through either gateway in turn, until nothing is asked any more. */
async function approveAll(runs: readonly Run[]): Promise<number> {
  const people = shared.addresses.flatMap((address) =>
    ['ann', 'ben'].map((sub) => new Person(address, sub, ['support-lead', 'finance'])),
  );
  let votes = 0;
  const asking = runs.filter((run) => !isTerminal(run.status) && isSettled(run));
  for (const [index, { runId }] of asking.entries()) {
    const [first, second] = index % 2 === 0 ? people : people.toReversed();
    const { approvalId, required } = await first!.pendingOf(runId);
    for (const person of required === 'dual' ? [first!, second!] : [first!]) {
      const { status, body } = await person.votes(approvalId, 'approve');
      expect({ status, body }).toMatchObject({ status: 202 });
      votes++;
    }
  }
  return votes;
}
