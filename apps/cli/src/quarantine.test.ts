import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const one = {
  id: 'orchestrator.3.17',
  types: ['run.cancel/1'],
  at: '2026-11-22T09:15:00.120Z',
  code: 'authority.expired',
  message: 'the token had expired',
  redrivable: true,
};

test('what is in quarantine is listed, and put back with a reason', async () => {
  server.on('GET /v1/quarantine?service=orchestrator', [200, { items: [one] }]);
  const { out } = await run(server.url, ['quarantine', 'list', '--service', 'orchestrator']);
  expect(out).toMatch(/orchestrator\.3\.17 +run\.cancel\/1 .*authority\.expired +yes/);
  const path = 'POST /v1/quarantine/orchestrator.3.17/redrive';
  server.on(path, [202, { id: one.id, topic: 'run.commands', partition: 3 }]);
  const line = ['quarantine', 'redrive', one.id, '--reason', 'the key is back'];
  expect((await run(server.url, line)).out).toContain('in run.commands again');
  expect(server.sent(path)).toMatchObject([{ reason: 'the key is back' }]);
});
