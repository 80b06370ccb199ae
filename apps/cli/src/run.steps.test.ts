import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const since = '2026-11-22T09:15:00.000Z';
const page = {
  items: [
    { path: 'lines[0]/charge', status: 'completed', since, generation: 1, calls: 1, attempts: 2 },
    {
      path: 'lines[1]/charge',
      status: 'parked',
      since,
      generation: 2,
      calls: 1,
      attempts: 5,
      failure: { class: 'transient', code: 'http.503', message: 'away' },
    },
  ],
  next: '2',
  lastSeq: 40,
};

test('steps are listed by their paths, with why each stands as it does, and how to go on', async () => {
  server.on('GET /v1/runs/run-7/steps?status=parked', [200, page]);
  const { code, out } = await run(server.url, ['run', 'steps', 'run-7', '--status', 'parked']);
  expect(code).toBe(0);
  expect(out).toMatch(/lines\[1\]\/charge +parked .*generation 2, http\.503: away/);
  expect(out).toContain('add --cursor 2');
  const json = await run(server.url, ['run', 'steps', 'run-7', '--status', 'parked', '--json']);
  expect(JSON.parse(json.out)).toEqual(page);
});
