import { join } from 'node:path';
import type { BulkAnswer, BulkShown } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import type { SystemClient } from '../e2e/system.client.ts';
import { startSystem } from '../e2e/system.process.ts';

/** A long run sets this; an order takes 10,000 at most. */
const RUNS = Number(process.env.BULK_RUNS ?? 400);
const AT_ONCE = 50;

const document = {
  workflow: 'claim',
  version: 1,
  purpose: 'Waits until somebody decides.',
  input: { type: 'object', required: ['batch'], properties: { batch: { type: 'string' } } },
  search: { batch: 'input.batch' },
  steps: { go: { wait: { signal: 'go', deadline: 'P1D' } } },
};

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('bulk');
});
afterAll(() => place.remove());
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: { INTERLOCK_MODULES: ',' },
});

const shown = async (client: SystemClient, bulkId: string, query = ''): Promise<BulkShown> =>
  (await client.get<BulkShown>(`/v1/bulk/${bulkId}${query}`)).body;
const waitingIn = async (client: SystemClient, batch: string): Promise<number> => {
  const filter = `run.status == "waiting" && run.search.batch == "${batch}"`;
  const order = { filter, command: { type: 'pause' }, reason: 'counted', dryRun: true };
  return (await client.post<BulkAnswer>('/v1/bulk', order)).body.matched;
};

test(`a bulk order over ${RUNS} runs reaches each of them once, although the process is killed behind the answer and in the middle`, {
  timeout: 120_000 + RUNS * 100,
}, async () => {
  const first = await startSystem(options());
  const artifact = { kind: 'workflow', name: document.workflow, version: 1, document };
  expect((await first.client.post('/v1/artifacts', artifact)).status).toBe(201);
  for (let at = 0; at < RUNS + 3; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, RUNS + 3 - at) }, (_, index) => at + index);
    await Promise.all(
      some.map((one) => first.client.start('claim', { batch: one < RUNS ? 'all' : 'other' }, `run-${one}`)),
    );
  }
  await eventually(
    'every run to wait',
    async () => (await waitingIn(first.client, 'all')) === RUNS,
    300_000,
    100,
  );

  const order = {
    filter: 'run.search.batch == "all"',
    command: { type: 'cancel', rollback: false },
    reason: 'the shop has closed',
    commandId: 'close-the-shop',
  };
  const { status, body } = await first.client.post<BulkAnswer>('/v1/bulk', order);
  expect({ status, matched: body.matched }).toEqual({ status: 202, matched: RUNS });
  await first.stop('SIGKILL');

  const second = await startSystem(options());
  // Whoever did not hear the answer asks again, when some fit no more.
  expect((await second.client.post<BulkAnswer>('/v1/bulk', order)).body).toEqual(body);
  const { bulkId = '' } = body;
  await eventually('some runs to be cancelled', async () => (await waitingIn(second.client, 'all')) < RUNS);
  const before = await waitingIn(second.client, 'all');
  await second.stop('SIGKILL');

  const third = await startSystem(options());
  const begun = performance.now();
  const isAnswered = async () => (await shown(third.client, bulkId, '?limit=1')).counts.open === 0;
  await eventually('every run to answer', isAnswered, 60_000 + RUNS * 50, 50);
  const took = performance.now() - begun;
  expect(await shown(third.client, bulkId, '?limit=1')).toMatchObject({
    given: true,
    counts: { open: 0, done: RUNS, refused: 0 },
  });
  const runs = await third.client.runs();
  const told = runs.filter(({ search }) => search?.batch === 'all');
  expect(told.filter(({ status: ended }) => ended !== 'cancelled')).toEqual([]);
  expect(told).toHaveLength(RUNS);
  expect(
    runs.filter(({ search, status: now }) => search?.batch === 'other' && now === 'waiting'),
  ).toHaveLength(3);
  for (const { runId } of told) {
    const events = await third.client.events(runId);
    const answers = events.filter(({ data }) => data.commandId === `bulk/${bulkId}/${runId}`);
    expect(answers.map(({ type }) => type)).toEqual(['run.cancelling']);
  }
  console.log(`${RUNS} runs; ${before} still waited at the second kill; the rest in ${Math.round(took)} ms`);
  await third.stop();
});
