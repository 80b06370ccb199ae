// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { join } from 'node:path';
import type { BulkAnswer, BulkShown, MigrationPlanShown } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { violationsIn } from '../e2e/log.check.ts';
import { OrderCounter } from '../e2e/order.counter.ts';
import { newPlace } from '../e2e/place.ts';
import { orderEnvironment } from '../e2e/rollback.system.ts';
import { readStoredLog } from '../e2e/stored.log.ts';
import type { SystemClient } from '../e2e/system.client.ts';
import { startSystem } from '../e2e/system.process.ts';

/** A long run sets this; an order takes 10,000 at most. */
const RUNS = Number(process.env.MIGRATE_RUNS ?? 60);

const order = { order: '${input.order}' };
const document = (version: number, steps: object) => ({
  workflow: 'parcel',
  version,
  purpose: 'Bring a parcel on its way once somebody says so.',
  input: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
  search: { order: 'input.order' },
  steps,
});
const agree = { needs: ['charge'], wait: { signal: 'go', deadline: 'P1D' } };
const versions = [
  document(1, {
    reserve: { tool: 'orders.reserve', with: order },
    charge: { needs: ['reserve'], tool: 'orders.charge', with: order },
    agree,
    ship: { needs: ['agree'], tool: 'orders.ship', with: order },
  }),
  // The reservation is called otherwise, the charge has another condition, and what ships is another step behind a pause.
  document(2, {
    booked: { tool: 'orders.reserve', with: order },
    charge: { needs: ['booked'], when: 'input.order != ""', tool: 'orders.charge', with: order },
    agree,
    rest: { needs: ['agree'], wait: { for: '1s' } },
    send: { needs: ['rest'], tool: 'orders.ship', with: order },
  }),
];

let place: Awaited<ReturnType<typeof newPlace>>;
let orders: OrderCounter;
beforeAll(async () => {
  place = await newPlace('migrate');
  orders = await OrderCounter.start();
});
afterAll(async () => {
  await orders.stop();
  await place.remove();
});
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: orderEnvironment(orders.url),
});

const map = { reserve: 'booked' };
const waits = async (client: SystemClient, runId: string): Promise<boolean> =>
  (await client.run(runId)).waitingFor?.some(({ kind }) => kind === 'signal') === true;
const typesOf = async (client: SystemClient, runId: string) =>
  (await client.events(runId)).map(({ type }) => type);

async function started(client: SystemClient, name: string): Promise<string> {
  const { runId } = await client.start('parcel', { order: name }, name);
  await eventually(`${name} to wait`, () => waits(client, runId));
  return runId;
}

test('a run is migrated under its signal, ends as the other version says, and is undone as the one before; many are, although the process is killed behind the answer', {
  timeout: 240_000 + RUNS * 500,
}, async () => {
  const first = await startSystem(options());
  const { client } = first;
  const publish = (one: object) =>
    client.post('/v1/artifacts', { kind: 'workflow', name: 'parcel', document: one, ...versionOf(one) });
  expect((await publish(versions[0] ?? {})).status).toBe(201);
  const [through, undone] = [await started(client, 'through'), await started(client, 'undone')];
  const runs: string[] = [];
  for (let at = 0; at < RUNS; at += 1)
    runs.push((await client.start('parcel', { order: `many-${at}` })).runId);
  // Its charge is under way, and has another condition in the other version.
  orders.befalls('held', 'charge', 'hold-before', 'hold-before');
  const { runId: held } = await client.start('parcel', { order: 'held' });
  await orders.holds('held', 'charge');
  expect((await publish(versions[1] ?? {})).status).toBe(201);

  const planOf = async (runId: string, query: string) =>
    (await client.get<MigrationPlanShown>(`/v1/runs/${runId}/migration?version=2${query}`)).body;
  const told = (runId: string, more: object) =>
    client.post<{ code?: string; detail?: string }>(`/v1/runs/${runId}/commands`, {
      type: 'migrate',
      version: 2,
      reason: 'the reservation was renamed',
      ...more,
    });

  // Without the map nobody knows what has become of the reservation, and nothing is written.
  const seen = (await client.run(through)).lastSeq;
  const refusedPlan = await planOf(through, '');
  expect(refusedPlan).toMatchObject({ safe: false, from: 1, to: 2 });
  expect(refusedPlan.steps.find(({ step }) => step === 'reserve')).toMatchObject({
    as: 'refused',
    status: 'completed',
    obstacles: [{ field: 'id', fix: expect.stringContaining('--map reserve=NEW') }],
  });
  const plan = await planOf(through, '&map=reserve%3Dbooked');
  expect(plan.safe).toBe(true);
  expect(plan.steps.map(({ step, to, as }) => [step, to ?? step, as])).toEqual([
    ['reserve', 'booked', 'kept'],
    ['charge', 'charge', 'kept'],
    ['agree', 'agree', 'kept'],
    ['ship', 'ship', 'removed'],
    ['rest', 'rest', 'new'],
    ['send', 'send', 'new'],
  ]);
  expect((await client.run(through)).lastSeq).toBe(seen);
  expect(await told(through, {})).toMatchObject({
    status: 409,
    body: { code: 'migrate.unsafe', detail: expect.stringContaining('step reserve, id: ') },
  });

  for (const runId of [through, undone]) expect((await told(runId, { map })).status).toBe(202);
  expect(await client.run(through)).toMatchObject({
    workflow: { version: 2 },
    migrated: [{ from: 1, to: 2, by: 'olga', reason: 'the reservation was renamed' }],
  });
  const signal = { type: 'signal', name: 'go', data: null, reason: 'it may go' };
  await client.post(`/v1/runs/${through}/commands`, signal);
  const ended = await client.settled(through, 60_000);
  expect(ended).toMatchObject({ status: 'completed', success: true });
  expect(Object.keys(ended.output ?? {})).toEqual(['booked', 'charge', 'agree', 'rest', 'send']);
  expect(orders.effects('through')).toEqual(['reserve', 'charge', 'ship']);

  await client.post(`/v1/runs/${undone}/commands`, { type: 'cancel', rollback: true, reason: 'called' });
  expect(await client.settled(undone, 60_000)).toMatchObject({ status: 'rolled_back' });
  expect(orders.effects('undone')).toEqual(['reserve', 'charge', 'refund', 'release']);
  const undoing = (await client.events(undone)).filter(({ type }) => type === 'step.compensated');
  expect(undoing.map(({ data }) => data.step)).toEqual(['charge', 'reserve']);

  for (const runId of runs) await eventually('it to wait', () => waits(client, runId));
  const bulk = {
    filter: 'run.workflow == "parcel" && run.version == 1',
    command: { type: 'migrate', version: 2, map },
    reason: 'all of them',
    commandId: 'migrate-all',
  };
  const counted = await client.post<BulkAnswer>('/v1/bulk', { ...bulk, dryRun: true });
  expect(counted.body).toEqual({ matched: RUNS + 1 });
  const ordered = await client.post<BulkAnswer>('/v1/bulk', bulk);
  expect(ordered.body.matched).toBe(RUNS + 1);
  const { bulkId = '' } = ordered.body;
  await first.stop('SIGKILL');

  const second = await startSystem(options());
  const answered = async (): Promise<BulkShown> =>
    (await second.client.get<BulkShown>(`/v1/bulk/${bulkId}?limit=500`)).body;
  await eventually('every run to answer', async () => (await answered()).counts.open === 0, 60_000, 50);
  const { counts, items } = await answered();
  expect(counts).toEqual({ open: 0, done: RUNS, refused: 1 });
  expect(items.filter(({ result }) => result === 'refused')).toMatchObject([
    { runId: held, code: 'migrate.unsafe', message: expect.stringContaining('step charge, when: ') },
  ]);
  for (const runId of runs) {
    const types = await typesOf(second.client, runId);
    expect(types.filter((type) => type === 'run.migrated')).toHaveLength(1);
    await second.client.post(`/v1/runs/${runId}/commands`, signal);
  }
  for (const runId of runs)
    expect(await second.client.settled(runId, 120_000)).toMatchObject({
      status: 'completed',
      workflow: { version: 2 },
    });
  const isReleased = async (): Promise<boolean> => {
    orders.release('held', 'charge');
    return waits(second.client, held);
  };
  await eventually('the held one to wait', isReleased, 60_000, 50);
  await second.client.post(`/v1/runs/${held}/commands`, signal);
  expect(await second.client.settled(held, 60_000)).toMatchObject({
    status: 'completed',
    workflow: { version: 1 },
  });
  await second.stop();

  const log = await readStoredLog(options().dataDir);
  expect(violationsIn(log, orders.asTargetRequests())).toEqual([]);
  console.log(`${RUNS} runs migrated at once over a kill; ${[...log.values()].flat(2).length} records`);
});

const versionOf = (one: object): object => ('version' in one ? { version: one.version } : {});
