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

test(`${RUNS} runs whose supplier is away for ${AWAY_MS} ms all complete, and one call an interval asks whether it is back`, async () => {
  const { client } = system;
  supplier.isAway = true;
  const items = Array.from({ length: RUNS }, (_, index) => `item-${index}`);
  const runs = await Promise.all(items.map((item) => client.start('supplies', { item })));
  await eventually('runs to say that they wait for it', async () =>
    (await client.runs()).some(({ waitingFor = [] }) => waitingFor.some(({ kind }) => kind === 'circuit')),
  );
  const { body: away } = await client.get<CircuitList>('/v1/circuits');
  expect(away.items).toMatchObject([{ tool: 'supplier.ask', code: 'transient http_503' }]);
  await after(AWAY_MS);
  supplier.isAway = false;
  await eventually(
    'every run to settle',
    async () => (await client.runs()).every((run) => isSettled(run)),
    120_000,
  );

  const statuses = (await client.runs()).map(({ status }) => status);
  expect(statuses).toEqual(runs.map(() => 'completed'));
  expect((await client.get<CircuitList>('/v1/circuits')).body.items).toEqual([]);
  expect(supplier.ordered.toSorted()).toEqual(items.toSorted());

  const lost = supplier.lostAt('/ask');
  const tookMs = (lost.at(-1) ?? 0) - (lost[0] ?? 0);
  const atMost = 2 * FAILURES + 1 + Math.ceil(tookMs / PROBE_MS);
  if (process.env.AWAY_PRINT !== undefined)
    console.log(JSON.stringify({ lost: lost.length, atMost, tookMs }));
  expect(lost.length).toBeGreaterThan(FAILURES);
  expect(lost.length).toBeLessThanOrEqual(atMost);
});
