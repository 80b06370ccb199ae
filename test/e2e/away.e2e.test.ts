import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { CircuitList } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import { Supplier } from './supplier.ts';
import { isSettled } from './system.client.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

/** How long the supplier is away, and how many runs need it meanwhile. */
const AWAY_MS = Number(process.env.AWAY_MS ?? 6_000);
const RUNS = Number(process.env.AWAY_RUNS ?? 200);
const PROBE_MS = 500;
/** That open the circuit; as many may be under way then. */
const FAILURES = 5;

let place: Awaited<ReturnType<typeof newPlace>>;
let supplier: Supplier;
let system: SystemProcess;
beforeEach(async () => {
  place = await newPlace('away');
  supplier = await Supplier.open();
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/supplies.module.ts',
      SUPPLIER_URL: supplier.url,
      INTERLOCK_CIRCUIT_FAILURES: String(FAILURES),
      INTERLOCK_CIRCUIT_PROBE_MS: String(PROBE_MS),
    },
  });
});
afterEach(async () => {
  await system.stop('SIGKILL');
  await supplier.close();
  await place.remove();
});

const itemsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `item-${index}`);

/** How often a path was asked while it was away: no more than what opens the circuit, and one call an interval. */
function expectAskedSparingly(path: string): void {
  const lost = supplier.lostAt(path);
  const tookMs = (lost.at(-1) ?? 0) - (lost[0] ?? 0);
  const atMost = 2 * FAILURES + 1 + Math.ceil(tookMs / PROBE_MS);
  if (process.env.AWAY_PRINT !== undefined)
    console.log(JSON.stringify({ path, lost: lost.length, atMost, tookMs }));
  expect(lost.length).toBeGreaterThan(FAILURES);
  expect(lost.length).toBeLessThanOrEqual(atMost);
}

async function endedStatuses(): Promise<string[]> {
  const { client } = system;
  const isEnd = async () => (await client.runs()).every((run) => isSettled(run));
  await eventually('every run to settle', isEnd, 120_000);
  return (await client.runs()).map(({ status }) => status);
}

/** Resolves when the supplier has been away for as long as it should, and is back. */
async function comesBack(tool: string): Promise<void> {
  const { client } = system;
  await eventually('runs to say that they wait for it', async () =>
    (await client.runs()).some(({ waitingFor = [] }) => waitingFor.some(({ kind }) => kind === 'circuit')),
  );
  const { body } = await client.get<CircuitList>('/v1/circuits');
  expect(body.items).toMatchObject([{ tool, code: 'transient http_503' }]);
  await after(AWAY_MS);
  supplier.away = 'nowhere';
}

test(`${RUNS} runs whose supplier is away for ${AWAY_MS} ms all complete, and one call an interval asks whether it is back`, async () => {
  supplier.away = 'everywhere';
  const items = itemsOf(RUNS);
  await Promise.all(items.map((item) => system.client.start('supplies', { item })));
  await comesBack('supplier.ask');

  expect(await endedStatuses()).toEqual(items.map(() => 'completed'));
  expect((await system.client.get<CircuitList>('/v1/circuits')).body.items).toEqual([]);
  expect(supplier.doneAt('/order').toSorted()).toEqual(items.toSorted());
  expectAskedSparingly('/ask');
});

test(`${RUNS} runs that undo an order while the supplier is away for ${AWAY_MS} ms all end rolled back, and nobody is asked`, async () => {
  supplier.away = ['/cancel'];
  const items = itemsOf(RUNS);
  await Promise.all(items.map((item) => system.client.start('supplies-recalled', { item })));
  await comesBack('supplier.cancel');

  expect(await endedStatuses()).toEqual(items.map(() => 'rolled_back'));
  expect(supplier.doneAt('/order').toSorted()).toEqual(items.toSorted());
  expect(supplier.doneAt('/cancel').toSorted()).toEqual(items.toSorted());
  expectAskedSparingly('/cancel');
});
