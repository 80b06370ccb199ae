import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitingDocument } from '../../../libs/read-model/test/documents.js';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ documents: [waitingDocument] });
});
afterAll(() => gateway.remove());

async function begin(orderId: string, headers = {}): Promise<string> {
  const body = { workflow: 'wait-for-go', input: { orderId } };
  return (await gateway.json('POST', '/v1/runs?wait=30s', body, headers)).body.runId;
}
const order = (body: object, headers = {}) => gateway.json('POST', '/v1/bulk', body, headers);
const shown = async (bulkId: string, query = '', headers = {}) =>
  (await gateway.json('GET', `/v1/bulk/${bulkId}${query}`, undefined, headers)).body;
const about = (orderId: string) => ({
  filter: `run.search.order == "${orderId}"`,
  command: { type: 'cancel', rollback: false },
  reason: 'the shop has closed',
});
const cancellations = async (runId: string): Promise<object[]> =>
  (await gateway.json('GET', `/v1/runs/${runId}/events`)).body.items.filter(
    ({ type }: { type: string }) => type === 'run.cancelling',
  );

test('runs are counted before anything is told, and then each is told once', async () => {
  const runs = [await begin('a'), await begin('a'), await begin('a')];
  const other = await begin('b');
  expect(await order({ ...about('a'), dryRun: true })).toMatchObject({ status: 202, body: { matched: 3 } });
  const { status, body } = await order({ ...about('a'), commandId: 'bulk-a' });
  expect([status, body.matched]).toEqual([202, 3]);
  // A run may answer before the order says that all of them were told.
  await gateway.until(async () => {
    const { counts, given } = await shown(body.bulkId);
    return counts.done === 3 && given;
  });
  expect(await shown(body.bulkId)).toMatchObject({
    by: 'olga',
    command: 'cancel',
    matched: 3,
    given: true,
    counts: { open: 0, done: 3, refused: 0 },
  });
  // Repeated, although none of them fits any more.
  expect((await order({ ...about('a'), commandId: 'bulk-a' })).body).toEqual(body);
  expect((await order({ ...about('b'), commandId: 'bulk-a' })).status).toBe(409);
  for (const runId of runs)
    expect(await cancellations(runId)).toMatchObject([
      { data: { commandId: `bulk/${body.bulkId}/${runId}`, reason: 'the shop has closed' }, actor: 'olga' },
    ]);
  expect(await cancellations(other)).toEqual([]);
});

test('each run judges for itself: what one refuses is shown with its reason, and pages follow one another', async () => {
  const runs = [await begin('c'), await begin('c')];
  await gateway.json('POST', `/v1/runs/${runs[0]}/commands`, { type: 'cancel', reason: 'before' });
  await gateway.until(async () => (await cancellations(runs[0]!)).length === 1);
  const { body } = await order(about('c'));
  await gateway.until(async () => (await shown(body.bulkId)).counts.open === 0);
  const refused = await shown(body.bulkId, '?result=refused');
  expect(refused).toMatchObject({
    counts: { done: 1, refused: 1 },
    items: [{ runId: runs[0], result: 'refused', code: 'run.ended' }],
  });
  const first = await shown(body.bulkId, '?limit=1');
  const second = await shown(body.bulkId, `?limit=1&cursor=${first.next}`);
  expect([...first.items, ...second.items].map(({ runId }) => runId)).toEqual([runs[1], runs[0]]);
  expect(second).not.toHaveProperty('next');
});

test('a tenant tells its own runs only, and sees its own orders', async () => {
  const other = {
    authorization: `Bearer ${await developmentToken(gateway.directory, 'otto', ['operator'], 'other')}`,
  };
  const theirs = await begin('d', other);
  const ours = await begin('d');
  const { body } = await order(about('d'), other);
  expect(body.matched).toBe(1);
  await gateway.until(async () => (await shown(body.bulkId, '', other)).counts.done === 1);
  expect((await shown(body.bulkId, '', other)).items).toMatchObject([{ runId: theirs }]);
  expect(await cancellations(ours)).toEqual([]);
  expect(await shown(body.bulkId)).toMatchObject({ status: 404 });
  const listed = (await gateway.json('GET', '/v1/bulk', undefined, other)).body.items;
  expect(listed).toMatchObject([{ bulkId: body.bulkId, matched: 1 }]);
});

test('what cannot be ordered is refused before anything is told', async () => {
  expect(await order({ ...about('a'), filter: 'run.x == 1' })).toMatchObject({
    status: 400,
    body: { code: 'filter.invalid' },
  });
  expect((await order({ ...about('a'), command: { type: 'melt' } })).status).toBe(400);
  expect((await order({ ...about('a'), command: { type: 'cancel', reason: 'twice' } })).status).toBe(400);
  const large = { type: 'signal', name: 'go', data: 'x'.repeat(5_000) };
  expect(await order({ ...about('b'), command: large })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'command' }] },
  });
  const reader = { authorization: `Bearer ${await developmentToken(gateway.directory, 'rita', [])}` };
  expect((await order(about('b'), reader)).status).toBe(403);
  expect((await order(about('nobody'))).body).toEqual({ matched: 0 });
});
