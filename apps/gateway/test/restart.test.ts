import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
afterEach(() => gateway.remove());

const start = (orderId: string) => ({ workflow: 'wait-for-go', input: { orderId } });
const list = async () => (await gateway.json('GET', '/v1/runs?limit=500')).body;

test('what was answered with 202 is known after a restart, even when nobody has taken it up', async () => {
  gateway = await GatewayUnderTest.start({ orchestrator: false });
  const { body } = await gateway.json('POST', '/v1/runs', start('a'), { 'idempotency-key': 'k' });
  await gateway.close();
  gateway = await GatewayUnderTest.start({ directory: gateway.directory, orchestrator: false });
  const { status, body: shown } = await gateway.json('GET', `/v1/runs/${body.runId}`);
  expect([status, shown]).toEqual([200, body]);
  const again = await gateway.json('POST', '/v1/runs', start('a'), { 'idempotency-key': 'k' });
  expect([again.status, again.body.runId]).toEqual([202, body.runId]);
  expect((await gateway.json('POST', '/v1/runs', start('b'), { 'idempotency-key': 'k' })).status).toBe(409);
});

test('a read model that was deleted is rebuilt from the log, equal to the one that was live', async () => {
  gateway = await GatewayUnderTest.start();
  for (const orderId of ['a', 'b', 'c', 'd']) await gateway.json('POST', '/v1/runs?wait=30s', start(orderId));
  const { items } = await list();
  await gateway.json('POST', `/v1/runs/${items[0].runId}/commands`, { type: 'cancel', reason: 'test' });
  await gateway.until(async () => (await list()).items[0].status === 'cancelled');
  const live = await list();
  const events = await gateway.json('GET', `/v1/runs/${items[0].runId}/events`);
  await gateway.close();
  await rm(join(gateway.directory, 'gateway'), { recursive: true });
  gateway = await GatewayUnderTest.start({ directory: gateway.directory });
  expect((await list()).items).toEqual(live.items);
  expect((await gateway.json('GET', `/v1/runs/${items[0].runId}/events`)).body).toEqual(events.body);
});

test('a read model that was kept goes on where it stood', async () => {
  gateway = await GatewayUnderTest.start();
  const { body } = await gateway.json('POST', '/v1/runs?wait=30s', start('a'));
  await gateway.close();
  gateway = await GatewayUnderTest.start({ directory: gateway.directory });
  const go = { type: 'signal', reason: 'test', name: 'go' };
  expect((await gateway.json('POST', `/v1/runs/${body.runId}/commands`, go)).status).toBe(202);
  await gateway.until(
    async () => (await gateway.json('GET', `/v1/runs/${body.runId}`)).body.status === 'completed',
  );
});

test('a read model of another log is not continued', async () => {
  gateway = await GatewayUnderTest.start();
  await gateway.json('POST', '/v1/runs?wait=30s', start('old'));
  await gateway.close();
  for (const file of ['log.db', 'log.db-wal', 'log.db-shm'])
    await rm(join(gateway.directory, file), { force: true });
  gateway = await GatewayUnderTest.start({ directory: gateway.directory });
  expect((await list()).items).toEqual([]);
  const { body } = await gateway.json('POST', '/v1/runs?wait=30s', start('new'));
  expect((await list()).items.map(({ runId }: { runId: string }) => runId)).toEqual([body.runId]);
});
