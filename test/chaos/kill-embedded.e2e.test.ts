import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type OrderSystemProcess,
  startOrderSystem,
} from '../../examples/refund-desk/order-system.process.ts';
import { requestsAt, violationsIn } from '../e2e/log.check.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, authorOf, claimsOf, readStoredLog, type StoredLog } from '../e2e/stored.log.ts';
import { isSettled, type Run, type SystemClient } from '../e2e/system.client.ts';
import { spawnSystem, startSystem } from '../e2e/system.process.ts';
import { writtenLines } from '../e2e/written.lines.ts';
import { linesOf } from './ledger.module.ts';
import { decideByLedger } from './operator.ts';
import { type ReceivedByOrders, writesAtOrders } from './order.requests.ts';
import { jobsOf, Submitter } from './workload.ts';

/** A long run sets these: CHAOS_RUNS=1000 CHAOS_KILLS=500 CHAOS_SEED=7 vitest run ... */
const RUNS = Number(process.env.CHAOS_RUNS ?? 180);
const KILLS = Number(process.env.CHAOS_KILLS ?? 12);
/** Moves every kill to another instant. */
const SEED = Number(process.env.CHAOS_SEED ?? 0);
const KILLS_IN_DOUBT_MIN = Math.max(1, Math.floor(KILLS / 6));

let place: Awaited<ReturnType<typeof newPlace>>;
let orders: OrderSystemProcess;
beforeAll(async () => {
  place = await newPlace('chaos');
  orders = await startOrderSystem(join(place.directory, 'orders'), { REFUND_DESK_DELAY_MS: '60' });
});
afterAll(async () => {
  await orders.stop();
  await place.remove();
});

const dataDir = () => join(place.directory, 'data');
const ledger = () => join(place.directory, 'ledger.jsonl');
const options = () => ({
  dataDir: dataDir(),
  environment: {
    INTERLOCK_MODULES: 'examples/refund-desk/module.ts,test/chaos/ledger.module.ts',
    REFUND_DESK_URL: orders.url,
    LEDGER_FILE: ledger(),
  },
});

test(`${RUNS} runs are worked to their end although the process is killed ${KILLS} times`, {
  // Only bounds what hangs: a start takes 3 s on a quiet machine and 15 beside other stories.
  timeout: 200_000 + KILLS * 20_000,
}, async () => {
  const submitter = new Submitter(jobsOf(RUNS));
  const recoveries = await killAgainAndAgain(submitter);
  const system = await startSystem(options());
  recoveries.push(system.readyAfterMs);
  while (submitter.left > 0) await submitter.submit(system.client, 50);
  const accepted = [...submitter.accepted.values()];
  expect(accepted).toHaveLength(RUNS);

  const settled = await settleAll(system.client, accepted);
  expect(settled.every(isSettled)).toBe(true);
  const decided = await decideByLedger(system.client, settled, ledger());
  const ended = await Promise.all(accepted.map(({ runId }) => system.client.settled(runId)));
  expect(await system.stop()).not.toBe('SIGKILL');

  const log = await readStoredLog(dataDir());
  const received = receivedByOrders();
  expect(violationsIn(log, requestsOfTargets(received))).toEqual([]);
  const { ordersRefundedUnderSeveralKeys } = await countsOfOrders();
  expect({ ordersRefundedUnderSeveralKeys, mailsSentTwice: sentTwice(received) }).toEqual({
    ordersRefundedUnderSeveralKeys: [],
    mailsSentTwice: [],
  });
  expectLedgerOnce(ended);
  const inDoubt = killsInDoubt(log);
  report({ recoveries, ended, decided, inDoubt, resolved: resolvedIn(log) });
  expect(inDoubt.kills).toBeGreaterThanOrEqual(KILLS_IN_DOUBT_MIN);
});

/** Kills while work arrives; every fifth time already while the process recovers from the kill before. */
async function killAgainAndAgain(submitter: Submitter): Promise<number[]> {
  const recoveries: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill % 5 === 4) {
      const system = await spawnSystem(options());
      await after(((kill + SEED) * 53) % 300);
      await system.stop('SIGKILL');
      continue;
    }
    const system = await startSystem(options());
    recoveries.push(system.readyAfterMs);
    const submitted = submitter.submit(system.client, Math.ceil(RUNS / (KILLS * 0.75)));
    await after(150 + (((kill + SEED) * 97) % 400));
    await system.stop('SIGKILL');
    await submitted;
  }
  return recoveries;
}

async function settleAll(client: SystemClient, runs: readonly Run[]): Promise<Run[]> {
  return Promise.all(runs.map(({ runId }) => client.settled(runId)));
}

const receivedByOrders = (): ReceivedByOrders[] =>
  writtenLines(join(place.directory, 'orders', 'requests.jsonl'));

function requestsOfTargets(received: readonly ReceivedByOrders[]) {
  return [
    ...writesAtOrders(received),
    ...requestsAt(
      'ledger.keyed',
      linesOf(ledger()).filter(({ tool }) => tool === 'keyed'),
    ),
    ...linesOf(ledger())
      .filter(({ tool }) => tool !== 'keyed')
      .map(({ key, at: time, tool }) => ({ key, tool, kind: 'write' as const, at: time, tookEffect: true })),
  ];
}

const countsOfOrders = async () =>
  (await (await fetch(`${orders.url}/requests`)).json()) as {
    ordersRefundedUnderSeveralKeys: string[];
  };

/** A mail in doubt that a closed mailbox had refused is not found, so it is asked for again, and refused again. */
function sentTwice(received: readonly ReceivedByOrders[]): string[] {
  const sent = writesAtOrders(received).filter(({ tool, tookEffect }) => tool === 'mail.send' && tookEffect);
  const references = sent.map(({ key }) => key);
  return references.filter((key, index) => references.indexOf(key) < index);
}

/** Every entry is there under one key; what has no key at its target is there once. */
function expectLedgerOnce(ended: readonly Run[]): void {
  const lines = linesOf(ledger());
  for (const { workflow, input, status } of ended) {
    if (!workflow.name.startsWith('ledger-')) continue;
    const { entry } = input as { entry: string };
    const mine = lines.filter((line) => line.entry === entry);
    expect({ entry, status, keys: new Set(mine.map(({ key }) => key)).size }).toEqual({
      entry,
      status: 'completed',
      keys: 1,
    });
    if (workflow.name !== 'ledger-keyed') expect({ entry, times: mine.length }).toEqual({ entry, times: 1 });
  }
}

/** Processes that ended between an intent and its outcome: their attempts got no answer of their own. */
function killsInDoubt(log: StoredLog): { kills: number; attempts: number } {
  const messages = acceptedOf(log, 'tool.events');
  const claims = claimsOf(messages);
  const answered = new Set(
    messages.flatMap((one) =>
      one.type === 'tool.succeeded' || one.type === 'tool.failed' ? [one.data.requestId as string] : [],
    ),
  );
  const open = messages.filter(
    ({ type, data }) => type === 'tool.attempt_started' && !answered.has(data.requestId),
  );
  return { kills: new Set(open.map((one) => authorOf(one, claims))).size, attempts: open.length };
}

/** What recovery found out, by who told it: only where some had happened and some had not is anything proved. */
function resolvedIn(log: StoredLog): string[] {
  const resolved = acceptedOf(log, 'run.events').filter(({ type }) => type === 'call.doubt_resolved');
  const byAnswer = Map.groupBy(resolved, ({ data }) => `${data.by}: ${data.happened ? 'happened' : 'not'}`);
  return [...byAnswer].map(([answer, all]) => `${all.length} ${answer}`).sort();
}

function report(facts: {
  recoveries: number[];
  ended: readonly Run[];
  decided: number;
  inDoubt: { kills: number; attempts: number };
  resolved: readonly string[];
}): void {
  const sorted = facts.recoveries.toSorted((a, b) => a - b);
  const ms = (at: number) =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? 0)} ms`;
  const statuses = Map.groupBy(facts.ended, ({ workflow, status }) => `${workflow.name} ${status}`);
  console.log(
    [
      `${facts.ended.length} runs, ${KILLS} kills, ${facts.inDoubt.kills} of them between an intent and its outcome (${facts.inDoubt.attempts} attempts in doubt)`,
      `a person decided ${facts.decided} times; doubts: ${facts.resolved.join(', ')}`,
      `start to ready: median ${ms(0.5)}, worst ${ms(1)}`,
      ...[...statuses].map(([name, runs]) => `  ${runs.length} ${name}`).sort(),
    ].join('\n'),
  );
}
