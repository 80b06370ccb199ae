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

test.each([
  [['--status', 'failed'], { status: 'failed' }, 'No such runs.'],
  [['--workflow', 'refunds', '--limit', '3'], { workflow: 'refunds', limit: '3' }, 'No such runs.'],
  [['--limit', '3'], { limit: '3' }, 'No runs. Start one:'],
])('where run list %j finds none, it does not say that there are none', async (line, query, said) => {
  server.on(asked(query), page([]));
  expect((await run(server.url, ['run', 'list', ...line])).out).toContain(said);
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
  expect(error).toBe(`Malformed (400): ${detail}\n`);
});

test('a refusal whose sentence says it all says it once', async () => {
  const message = 'must be 500 or less';
  const detail = `The query cannot be taken: limit: ${message}.`;
  const errors = [{ path: 'limit', message }];
  server.on(asked({ limit: '900' }), [400, { title: 'Malformed', status: 400, code: 'x', detail, errors }]);
  const { error } = await run(server.url, ['run', 'list', '--limit', '900']);
  expect(error).toBe(`Malformed (400): ${detail}\n`);
});
