import { setTimeout as after } from 'node:timers/promises';
import { isTerminal, type RunEvent } from '@interlock/contracts/http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { violationsIn } from './log.check.ts';
import { type Mishap, OrderCounter } from './order.counter.ts';
import type { RollbackSystem } from './rollback.system.ts';
import type { Run } from './system.client.ts';

/** What the scenarios need. */
interface Stage {
  readonly system: RollbackSystem;
  readonly orders: OrderCounter;
}

/** What is undone when a run cannot go on, counted where the writes went; told once for every broker. */
export function rollbackScenarios(
  broker: string,
  start: (ordersUrl: string) => Promise<RollbackSystem>,
): void {
  describe(`rollback on ${broker}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      const orders = await OrderCounter.start();
      stage = { orders, system: await start(orders.url) };
    });
    afterAll(async () => {
      await stage?.system.remove();
      await stage?.orders.stop();
    });
    const theStage = () => stage;
    describe.concurrent('all at once', () => {
      doubts(theStage);
      limits(theStage);
    });
    kills(theStage);
    test('every invariant holds over the log, and at the order system', async () => {
      const log = await stage.system.finish();
      expect(violationsIn(log, stage.orders.asTargetRequests())).toEqual([]);
      console.log(`${[...log.values()].flat(2).length} records, ${stage.orders.requests.length} requests`);
    });
  });
}

const undoings: ReadonlySet<string> = new Set(['release', 'refund', 'recall']);

function doubts(stage: () => Stage): void {
  const cases = [
    ['happened', 'cut-after', ['refund', 'recall', 'release']],
    ['did not happen', 'cut-before', ['recall', 'release']],
  ] as const;
  test.each(cases)('a run that fails waits for a write in doubt that %s', async (_, mishap, undone) => {
    const { orders, system } = stage();
    const order = `failed-${mishap}`;
    const { runId } = await runInDoubt(stage(), order, mishap);
    orders.release(order, 'confirm');
    await eventually('the run to fail', () => has(stage(), runId, 'step.failed'));
    await expectNothingUndone(stage(), runId, order);
    orders.release(order, 'find');
    const ended = await ending(stage(), runId);
    expect(ended).toMatchObject({ status: 'rolled_back', failure: { class: 'domain', code: 'refused' } });
    expectUndone(orders, order, undone);
    expect(undoneIn(await system.client.events(runId))).toEqual([...undone]);
  });

  test('a run that is cancelled with rollback waits for a write in doubt that happened', async () => {
    const { orders, system } = stage();
    const order = 'cancelled';
    const { runId } = await runInDoubt(stage(), order, 'cut-after');
    const command = { type: 'cancel', rollback: true, reason: 'the customer has called' };
    const { status } = await system.client.post(`/v1/runs/${runId}/commands`, command);
    expect(status).toBe(202);
    await eventually('the run to be cancelled', () => has(stage(), runId, 'run.cancelling'));
    orders.release(order, 'confirm');
    await expectNothingUndone(stage(), runId, order);
    orders.release(order, 'find');
    expect(await ending(stage(), runId)).toMatchObject({ status: 'rolled_back' });
    expectUndone(orders, order, ['refund', 'recall', 'release']);
  });
}

/** Resolves when the second write is in doubt, the third has happened, and the order system keeps the last answer to itself. */
async function runInDoubt({ orders, system }: Stage, order: string, mishap: Mishap): Promise<Run> {
  orders.befalls(order, 'charge', mishap);
  orders.befalls(order, 'find', 'hold-before');
  orders.befalls(order, 'confirm', 'hold-before');
  const run = await system.client.start('order-side-by-side', { order });
  await orders.holds(order, 'confirm');
  await eventually('a write to be in doubt', () =>
    has({ orders, system }, run.runId, 'call.recovery_started'),
  );
  expect(orders.effects(order).toSorted()).toEqual(
    mishap === 'cut-after' ? ['charge', 'reserve', 'ship'] : ['reserve', 'ship'],
  );
  return run;
}

/** Neither while the attempt in doubt may still reach the order system, nor while that is asked. */
async function expectNothingUndone({ orders, system }: Stage, runId: string, order: string): Promise<void> {
  await orders.holds(order, 'find');
  await after(300); // Nothing happens meanwhile: there is nothing else to wait for.
  expect(await has({ orders, system }, runId, 'rollback.started')).toBe(false);
  expect(orders.effects(order).filter((action) => undoings.has(action))).toEqual([]);
  expect(isTerminal((await system.client.run(runId)).status)).toBe(false);
}

function limits(stage: () => Stage): void {
  test('behind a pivot there is only forward: nothing is undone, and people are told what stands', async () => {
    const { orders, system } = stage();
    const { runId } = await system.client.start('order-behind-pivot', { order: 'pivot' });
    const ended = await ending(stage(), runId);
    expect(ended).toMatchObject({ status: 'escalated', failure: { class: 'domain', code: 'refused' } });
    expect(orders.effects('pivot')).toEqual(['reserve', 'charge', 'ship']);
    const events = await system.client.events(runId);
    expect(standing(events).toSorted()).toEqual(['charge', 'reserve', 'ship']);
    expect(events.some(({ type }) => type === 'rollback.started')).toBe(false);
  });

  test('what cannot be undone waits for an operator; once let go it stands and is named, and the rest is undone', async () => {
    const { orders, system } = stage();
    const order = 'irrevocable';
    orders.befalls(order, 'refund', 'refuse');
    const { runId } = await system.client.start('order-in-turn', { order });
    await eventually('the run to wait for an operator', () => has(stage(), runId, 'step.parked'));
    expect(orders.effects(order).at(-1)).toBe('recall');
    const letGo = { type: 'skip', step: 'charge', reason: 'refunded by hand' };
    expect((await system.client.post(`/v1/runs/${runId}/commands`, letGo)).status).toBe(202);
    const ended = await ending(stage(), runId);
    expect(ended).toMatchObject({ status: 'escalated', failure: { code: 'compensation_failed' } });
    expectUndone(orders, order, ['recall', 'release']);
    expect(orders.requestsFor(order, 'refund')).toHaveLength(1);
    const events = await system.client.events(runId);
    expect(standing(events)).toEqual(['charge']);
    expect(events.filter(({ type }) => type === 'step.compensation_failed')).toMatchObject([
      { data: { step: 'charge', failure: { class: 'domain', code: 'refused' } } },
    ]);
  });
}

/** Two mishaps of one rollback: the order system has, or has not, done what the executor asks when that dies. */
const deaths = (['hold-before', 'hold-after'] as const).flatMap((first) =>
  (['hold-before', 'hold-after'] as const).flatMap((second) =>
    (
      [
        ['recall', 'refund'],
        ['recall', 'release'],
        ['refund', 'release'],
      ] as const
    ).map(([one, other]) => ({
      order: `${one}-${first}-${other}-${second}`,
      held: [
        [one, first],
        [other, second],
      ] as const,
    })),
  ),
);

function kills(stage: () => Stage): void {
  test(`${deaths.length} runs are killed twice in the middle of their rollback and undo everything once`, {
    timeout: 240_000,
  }, async () => {
    const { orders, system } = stage();
    for (const { order, held } of deaths)
      for (const [action, mishap] of held) orders.befalls(order, action, mishap);
    const runs = await Promise.all(
      deaths.map(({ order }) => system.client.start('order-in-turn', { order })),
    );
    const tookMs: number[] = [];
    for (const which of [0, 1] as const) {
      for (const { order, held } of deaths) await orders.holds(order, held[which][0]);
      const killedAt = performance.now();
      await system.killExecutor();
      tookMs.push(Math.round(performance.now() - killedAt));
    }
    const ended = await Promise.all(runs.map(({ runId }) => ending(stage(), runId)));
    expect(ended.map(({ status }) => status)).toEqual(deaths.map(() => 'rolled_back'));
    for (const { order } of deaths) expectUndone(orders, order, ['recall', 'refund', 'release']);
    for (const { order, held } of deaths)
      for (const [action, mishap] of held) expectAskedAgain(orders, order, action, mishap);
    console.log(`ready again ${tookMs.join(' and ')} ms after the kills`);
  });
}

/** What was held before its effect is made by the next request; what had happened is found, or told apart by its key. */
function expectAskedAgain(orders: OrderCounter, order: string, action: string, mishap: Mishap): void {
  const requests = orders.requestsFor(order, action);
  const isRepeated = mishap === 'hold-before' || action === 'release';
  expect({ order, action, times: requests.length }).toEqual({ order, action, times: isRepeated ? 2 : 1 });
  expect(new Set(requests.map(({ key }) => key)).size).toBe(1);
}

/** Everything that was undone took effect once, in this order, and for the very write it undoes; nothing else did. */
function expectUndone(orders: OrderCounter, order: string, undone: readonly string[]): void {
  const effects = orders.effects(order).filter((action) => undoings.has(action));
  expect({ order, effects }).toEqual({ order, effects: [...undone] });
  const of: Readonly<Record<string, string>> = { refund: 'charge', recall: 'ship', release: 'reserve' };
  for (const action of undone) {
    const keys = orders.requestsFor(order, of[action] as string).map(({ key }) => key);
    expect(orders.requestsFor(order, action).every(({ undoes }) => keys.includes(undoes ?? ''))).toBe(true);
  }
}

const has = async ({ system }: Stage, runId: string, wanted: string): Promise<boolean> =>
  (await system.client.events(runId)).some(({ type }) => type === wanted);

async function ending({ system }: Stage, runId: string): Promise<Run> {
  let run: Run | undefined;
  await eventually(`run ${runId} to end`, async () => {
    run = await system.client.run(runId);
    return isTerminal(run.status);
  }).catch(async (error: Error) => {
    const events = (await system.client.events(runId)).map(({ seq, type }) => `${seq} ${type}`);
    throw new Error(`${error.message}; it is ${JSON.stringify(run)}: ${events.join(', ')}`);
  });
  return run as Run;
}

/** The compensations that a run says it has made, in its order. */
function undoneIn(events: readonly RunEvent[]): string[] {
  const by = new Map(
    events.flatMap(({ type, data }) =>
      type === 'call.requested' ? [[data.callHash, String(data.tool).split('.')[1] as string] as const] : [],
    ),
  );
  return events.flatMap(({ type, data }) =>
    type === 'step.compensated' ? [by.get(data.by) ?? 'nothing'] : [],
  );
}

/** The steps whose writes a run names as standing when it ends. */
const standing = (events: readonly RunEvent[]): string[] =>
  events.flatMap(({ type, data }) =>
    type === 'run.escalated' ? (data.standing as { step: string }[]).map(({ step }) => step) : [],
  );
