import { accessEvents } from '@interlock/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccessLog } from '../src/http/access.log.js';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

async function recorded(): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let partition = 0; partition < (await gateway.broker.partitions(accessEvents.name)); partition++) {
    for await (const batch of gateway.broker.read(accessEvents.name, partition, 0)) {
      for (const { value } of batch) found.push(JSON.parse(Buffer.from(value ?? '').toString()));
    }
  }
  return found;
}

test('who asked for what is written down: reads, writes and what was refused', async () => {
  const start = { workflow: 'wait-for-go', input: { orderId: 'o-1' } };
  const { body: run } = await gateway.json('POST', '/v1/runs', start);
  await gateway.json('GET', `/v1/runs/${run.runId}`);
  await gateway.json('GET', '/v1/runs/no-such-run');
  await gateway.json('GET', '/v1/runs', undefined, { authorization: 'Bearer abc' });
  await gateway.json('POST', '/v1/runs', { workflow: 1 });
  await gateway.request('GET', '/healthz');
  await gateway.until(async () => (await recorded()).some(({ status }) => status === 400));
  const seen = (await recorded()).map(({ sub, method, route, subject, status }) =>
    [sub, method, route, subject ?? '-', status].join(' '),
  );
  expect(seen).toEqual(
    expect.arrayContaining([
      'local POST /v1/runs - 202',
      `local GET /v1/runs/:runId ${run.runId} 200`,
      'local GET /v1/runs/:runId no-such-run 404',
      'anonymous GET /v1/runs - 401',
      'local POST /v1/runs - 400',
    ]),
  );
  expect(seen.some((line) => line.includes('healthz'))).toBe(false);
});

test('a log that takes nothing is told, and holds nobody up', async () => {
  const told: unknown[] = [];
  const appender = { append: () => Promise.reject(new Error('down')) };
  const access = new AccessLog(appender, 1, { warn: (fields: unknown) => told.push(fields) }, 60_000);
  const one = { sub: 'ada', roles: [], method: 'GET', route: '/v1/runs', status: 200, at: 1 };
  for (let count = 0; count < 20_003; count++) access.record(one);
  await access.close();
  expect(told).toEqual([{ dropped: 3 }, ...told.slice(1)]);
  expect(told.slice(1).reduce((sum: number, fields) => sum + (fields as { lost: number }).lost, 0)).toBe(
    20_000,
  );
});
