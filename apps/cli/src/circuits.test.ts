import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const now = () => Date.parse('2026-11-22T10:00:00Z');

test('circuits lists the tools whose target is away, since when and why', async () => {
  const since = '2026-11-22T09:50:00.000Z';
  const circuit = {
    tool: 'orders.get',
    toolHash: 'h',
    process: 'p-1',
    since,
    failures: 7,
    code: 'timeout timeout',
  };
  server.on('GET /v1/circuits', [200, { items: [circuit] }]);
  const { out } = await run(server.url, ['circuits'], { now });
  expect(out).toMatch(/orders\.get\s+10 min ago\s+7\s+p-1\s+timeout timeout/);
});

test('circuits says so when no target is away', async () => {
  server.on('GET /v1/circuits', [200, { items: [] }]);
  expect((await run(server.url, ['circuits'], { now })).out).toContain('No target is away');
});
