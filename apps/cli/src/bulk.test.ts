import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const POST = 'POST /v1/bulk';
const filter = 'run.status == "waiting"';
const bulk = {
  bulkId: 'b-1',
  by: 'olga',
  at: '2026-11-22T09:15:00.120Z',
  filter,
  reason: 'closed',
  command: 'cancel',
  matched: 2,
  given: true,
};

test('runs are counted with --dry-run, and told without it', async () => {
  server.on(POST, [202, { matched: 2 }], [202, { bulkId: 'b-1', matched: 2 }]);
  const line = ['bulk', 'cancel', '--filter', filter, '--rollback', '--reason', 'closed'];
  expect((await run(server.url, [...line, '--dry-run'])).out).toContain('2 runs fit.');
  expect((await run(server.url, line)).out).toContain('./interlock bulk show b-1');
  expect(server.sent(POST)).toMatchObject([
    { filter, command: { type: 'cancel', rollback: true }, reason: 'closed', dryRun: true },
    { dryRun: false },
  ]);
});

test('what means to count and is not written so tells no run anything', async () => {
  const line = ['bulk', 'cancel', '--filter', filter, '--reason', 'closed', '--dry'];
  const { code, error } = await run(server.url, line);
  expect([code, server.asked]).toEqual([2, []]);
  expect(error).toContain('--dry');
});

test('runs that have ended are taken up again, or closed', async () => {
  server.on(POST, [202, { bulkId: 'b-1', matched: 2 }]);
  const failed = ['--filter', 'run.status == "failed"', '--reason', 'the mail server is back'];
  await run(server.url, ['bulk', 'resume', ...failed, '--from', 'send']);
  await run(server.url, ['bulk', 'close', ...failed]);
  expect(server.sent(POST)).toMatchObject([
    { command: { type: 'resume', from: 'send' } },
    { command: { type: 'close' } },
  ]);
});

test('a signal goes with its data', async () => {
  server.on(POST, [202, { bulkId: 'b-1', matched: 2 }]);
  const signal = ['--name', 'go', '--data', '{"by":"hand"}'];
  await run(server.url, ['bulk', 'signal', '--filter', filter, ...signal, '--reason', 'all of them']);
  expect(server.sent(POST)).toMatchObject([
    { command: { type: 'signal', name: 'go', data: { by: 'hand' } }, reason: 'all of them' },
  ]);
  // Written out, because the signature covers it.
  await run(server.url, ['bulk', 'signal', '--filter', filter, '--name', 'go', '--reason', 'all of them']);
  expect(server.sent(POST)[1]).toMatchObject({ command: { type: 'signal', name: 'go', data: null } });
});

test('what runs have answered is shown, and a refusal is 1', async () => {
  const items = [
    { runId: 'run-1', commandId: 'c', result: 'done' },
    { runId: 'run-2', commandId: 'd', result: 'refused', code: 'run.ended', message: 'it is completed' },
  ];
  server.on('GET /v1/bulk/b-1', [200, { ...bulk, counts: { open: 0, done: 1, refused: 1 }, items }]);
  const { code, out } = await run(server.url, ['bulk', 'show', 'b-1']);
  expect(code).toBe(1);
  expect(out).toContain('1 done, 1 refused, 0 open, of 2');
  expect(out).toMatch(/run-2 +refused +run.ended: it is completed/);
  server.on('GET /v1/bulk', [200, { items: [bulk] }]);
  expect((await run(server.url, ['bulk', 'list'])).out).toContain('b-1');
});
