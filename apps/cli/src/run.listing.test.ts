import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitingRun } from './people.fixture.js';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const page = (runIds: readonly string[], next?: string) =>
  [
    200,
    { items: runIds.map((runId) => ({ ...waitingRun, runId })), asOf: {}, ...(next && { next }) },
  ] as const;
const filter = 'run.status == "failed"';
const asked = (query: Record<string, string>) => `GET /v1/runs?${new URLSearchParams(query)}`;

test('pages that end early are followed until there are as many as were asked for', async () => {
  server.on(asked({ filter, limit: '3' }), page([], '5.x'));
  server.on(asked({ filter, limit: '3', cursor: '5.x' }), page(['run-1', 'run-2'], '4.x'));
  server.on(asked({ filter, limit: '1', cursor: '4.x' }), page(['run-3'], '3.x'));
  const { code, out } = await run(server.url, ['run', 'list', '--filter', filter, '--limit', '3', '--json']);
  expect(code).toBe(0);
  const { items, next } = JSON.parse(out);
  expect([items.map(({ runId }: { runId: string }) => runId), next]).toEqual([
    ['run-1', 'run-2', 'run-3'],
    '3.x',
  ]);
});

test('run search finds by words, and is 1 when nothing is found', async () => {
  server.on(asked({ words: 'broken lamp' }), page(['run-1']));
  server.on(asked({ words: 'chair' }), page([]));
  expect((await run(server.url, ['run', 'search', 'broken lamp'])).out).toContain('run-1');
  expect(await run(server.url, ['run', 'search', 'chair'])).toMatchObject({ code: 1 });
});

test('a filter that is refused says where', async () => {
  const detail = 'The filter cannot be taken: there is no field run.x, at character 1.';
  const errors = [{ path: 'filter', message: 'there is no field run.x, at character 1', line: 1, column: 1 }];
  server.on(asked({ filter: 'run.x' }), [
    400,
    { type: 'urn:x', title: 'Malformed', status: 400, code: 'filter.invalid', detail, errors },
  ]);
  const { code, error } = await run(server.url, ['run', 'list', '--filter', 'run.x']);
  expect(code).toBe(1);
  expect(error).toContain('at character 1');
});
