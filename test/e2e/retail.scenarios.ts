import { loadavg } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAction } from '../../examples/retail/desk/actions.ts';
import type { StoredWrite } from '../../examples/retail/retail.store.ts';
import { requestsAt, violationsIn } from './log.check.ts';
import { applyDirectly, type RetailCase, retailCases, wavesOf } from './retail.calls.ts';
import { ScriptedModel, summaryOf } from './retail.model.ts';
import { Approvers } from './retail.people.ts';
import { Shop } from './retail.shop.ts';
import type { RetailSystem } from './retail.system.ts';
import { tampering } from './retail.tampering.ts';

const MINUTE = 60_000;

/** Every request of the retail data as an agent run, and runs of which somebody wants more; told once for every broker. */
export function retailScenarios(broker: string, start: () => Promise<RetailSystem>): void {
  describe(`the retail desk on ${broker}`, () => {
    let shop: Shop;
    beforeAll(async () => {
      const system = await start();
      const model = new ScriptedModel();
      system.desk.model.script = model.script;
      shop = new Shop(system, model, new Approvers(system), retailCases().data);
    }, 3 * MINUTE);
    afterAll(() => shop?.system.remove());

    test(
      'all requests end with the data that their calls leave when they are made directly, each write once',
      async () => {
        await allRequests(shop);
      },
      10 * MINUTE,
    );

    const forged = tampering(() => shop);

    test(
      'every invariant holds over the log but for the run in which somebody forged, and there it is seen',
      async () => {
        const log = await shop.system.finish();
        const found = violationsIn(log, received(shop.system.desk.store.writes()));
        expect(found.filter(({ run = '' }) => !forged.has(run))).toEqual([]);
        expect(found).toMatchObject([{ invariant: 'I4', message: expect.stringContaining('proposed') }]);
        console.log(`${broker}: ${[...log.values()].flat(2).length} records`);
      },
      3 * MINUTE,
    );
  });
}

async function allRequests(shop: Shop): Promise<void> {
  const { cases } = retailCases();
  const startedAt = performance.now();
  const load = () => loadavg()[0]?.toFixed(1);
  const loadBefore = load();
  shop.approvers.start();
  const { done, refused } = await waveByWave(shop, cases).finally(() => shop.approvers.stop());
  const seconds = (performance.now() - startedAt) / 1_000;
  const writes = shop.store.writes();
  expect([writes.filter(isDone).length, writes.filter((one) => !isDone(one)).length]).toEqual([
    done,
    refused,
  ]);
  expect(writes.map(({ requests }) => requests)).toEqual(writes.map(() => 1));
  expect(writes.map(asText).toSorted()).toEqual(expectedWrites(cases).toSorted());
  const { votes } = shop.approvers;
  const approvals = new Set(votes.map(({ approvalId }) => approvalId));
  const calls = cases.flatMap((one) => one.calls);
  const actions = calls.filter(({ tool }) => isAction(tool));
  expect(approvals.size).toBe(actions.length);
  expect(votes.filter(({ tool }) => !isAction(tool))).toEqual([]);
  expect(shop.system.desk.model.broken).toEqual([]);
  console.log(
    [
      `${cases.length} runs in ${seconds.toFixed(1)} s: ${(cases.length / seconds).toFixed(2)} runs/s, ${(calls.length / seconds).toFixed(1)} calls/s`,
      `${shop.system.desk.model.asked.length} requests to the model, ${calls.length} calls, ${actions.length} of them writes, each write approved: ${votes.length} votes over HTTP`,
      `writes: ${done} done, ${refused} refused by the desk, each asked for once`,
      `load of the machine before and after: ${loadBefore}, ${load()}`,
    ].join('\n'),
  );
}

/** Answers with what the calls come to when they are made directly. */
async function waveByWave(shop: Shop, cases: readonly RetailCase[]) {
  const { data, store } = shop;
  let [done, refused] = [0, 0];
  for (const [place, wave] of wavesOf(cases).entries()) {
    store.reset(data);
    const runs = await Promise.all(wave.map((one) => shop.works(one)));
    expect(await shop.fallBacks(wave, runs)).toEqual([]);
    expect(runs.map(({ status, output }) => [status, output?.summary])).toEqual(
      wave.map(({ calls }) => ['completed', summaryOf(calls.length)]),
    );
    const direct = applyDirectly(
      data,
      wave.flatMap(({ calls }) => calls),
    );
    done += direct.done;
    refused += direct.refused.length;
    expect(isDeepStrictEqual(store.data(), direct.data), `the data after wave ${place + 1}`).toBe(true);
  }
  return { done, refused };
}

const isDone = ({ change }: StoredWrite): boolean => change !== undefined;

const asText = ({ tool, arguments: given }: Pick<StoredWrite, 'tool' | 'arguments'>): string =>
  JSON.stringify([tool, Object.entries(given as object).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

const expectedWrites = (cases: readonly RetailCase[]): string[] =>
  cases.flatMap(({ calls }) => calls.filter(({ tool }) => isAction(tool)).map(asText));

/** As the checker wants to know it: what the shop saw, and what of it took effect. */
const received = (writes: readonly StoredWrite[]) =>
  [...new Set(writes.map(({ tool }) => tool))].flatMap((tool) =>
    requestsAt(
      tool,
      writes
        .filter((one) => one.tool === tool)
        .flatMap((one) =>
          Array.from({ length: one.requests }, () => ({
            key: one.key,
            at: one.at,
            isRefused: !isDone(one),
          })),
        ),
    ),
  );
