import type { Schedule } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const now = () => Date.parse('2026-11-30T10:00:00Z');
const nightly: Schedule = {
  name: 'nightly',
  workflow: 'report',
  input: {},
  cron: '0 9 * * *',
  timezone: 'Europe/Berlin',
  overlap: 'skip',
  catchUp: 'PT1H',
  jitter: 'PT0S',
  paused: false,
  status: 'active',
  by: 'ada',
  createdAt: '2026-11-30T09:15:01.004Z',
  next: ['2026-12-01T08:00:00.000Z'],
  runs: [],
  queued: [],
  last: [{ due: '2026-11-30T08:00:00.000Z', outcome: 'started', runId: 'run-1' }],
};

test('list names each schedule, when it is due next and what came of the last time', async () => {
  server.on('GET /v1/schedules', [200, { items: [nightly] }]);
  const { code, out } = await run(server.url, ['schedule', 'list'], { now });
  expect(code).toBe(0);
  expect(out).toMatch(/nightly +report +0 9 \* \* \*, Europe\/Berlin +active +in 22 h +started/);
});

test('a list that goes on says how to', async () => {
  server.on('GET /v1/schedules?limit=1', [200, { items: [nightly], next: 'schedule/nightly' }]);
  const { out } = await run(server.url, ['schedule', 'list', '--limit', '1'], { now });
  expect(out).toContain('add --cursor schedule/nightly');
});

test('add sends what it is told, and leaves the rest to the server', async () => {
  server.on('POST /v1/schedules', [201, nightly]);
  const line = ['schedule', 'add', 'nightly', 'report@2', '--input', '{"of":1}', '--cron', '0 9 * * *'];
  const { code, out } = await run(server.url, [...line, '--catchup', '2h', '--overlap', 'queue', '--json'], {
    now,
  });
  expect([code, JSON.parse(out)]).toEqual([0, nightly]);
  expect(server.sent('POST /v1/schedules')).toEqual([
    {
      name: 'nightly',
      workflow: 'report',
      version: 2,
      input: { of: 1 },
      cron: '0 9 * * *',
      catchUp: '2h',
      overlap: 'queue',
      paused: false,
    },
  ]);
});

test('add without a time, or with two, is a wrong use', async () => {
  const line = ['schedule', 'add', 'nightly', 'report', '--input', '{}'];
  expect((await run(server.url, line)).code).toBe(2);
  expect((await run(server.url, [...line, '--every', '1h', '--cron', '* * * * *'])).code).toBe(2);
});

test('pause and resume change nothing else', async () => {
  server.on('PATCH /v1/schedules/nightly', [200, { ...nightly, paused: true, status: 'paused', next: [] }]);
  expect((await run(server.url, ['schedule', 'pause', 'nightly'], { now })).out).toContain('paused');
  await run(server.url, ['schedule', 'resume', 'nightly'], { now });
  expect(server.sent('PATCH /v1/schedules/nightly')).toEqual([{ paused: true }, { paused: false }]);
});

test('delete says so, show shows the next times', async () => {
  server.on('DELETE /v1/schedules/nightly', [200, { ...nightly, status: 'deleted' }]);
  expect((await run(server.url, ['schedule', 'delete', 'nightly'])).out).toContain('Deleted: nightly');
  server.on('GET /v1/schedules/nightly', [200, nightly]);
  const { out } = await run(server.url, ['schedule', 'show', 'nightly'], { now });
  expect(out).toContain('next  ');
  expect(out).toContain('started run-1');
  server.on('GET /v1/schedules/nightly?tenant=north', [200, { ...nightly, tenant: 'north' }]);
  const theirs = await run(server.url, ['schedule', 'show', 'nightly', '--tenant', 'north'], { now });
  expect(theirs.out).toMatch(/tenant +north/);
});

test('what the server refuses is told, and exits with 1', async () => {
  const { code, error } = await run(server.url, ['schedule', 'show', 'other'], { now });
  expect(code).toBe(1);
  expect(error).toContain('There is no');
  expect(error).toContain('./interlock schedule list');
});
