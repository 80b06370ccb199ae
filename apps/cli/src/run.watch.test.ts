import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitingEvents, waitingRun } from './people.fixture.js';
import { run, TestServer } from './server.fixture.js';
import { parseEvent } from './server-events.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const EVENTS = 'GET /v1/runs/run-7/events';
const watch = ['run', 'watch', 'run-7'];
const ended = (type: string) => ({
  seq: 11,
  type,
  time: waitingRun.startedAt,
  data: {},
  actor: 'orchestrator',
});

const send = (response: ServerResponse, events: readonly { seq: number; type: string }[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': live\n\n');
  // In two pieces, to be put together again.
  const text = events
    .map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
  response.write(text.slice(0, text.length / 2));
  response.write(text.slice(text.length / 2));
};

test('a broken stream is taken up behind the last event seen, and each event is told once', async () => {
  server.route(
    EVENTS,
    (response) => {
      send(response, waitingEvents.slice(0, 4));
      setImmediate(() => response.destroy());
    },
    (response, { headers }) => {
      expect(headers['last-event-id']).toBe('4');
      send(response, [...waitingEvents.slice(4), ended('run.completed')]);
    },
  );
  server.on('GET /v1/runs/run-7', [200, { ...waitingRun, status: 'completed', success: true }]);
  const { code, out } = await run(server.url, [...watch, '--json']);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.slice(0, -1).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 10, 11]);
  expect([code, lines.at(-1).run.status]).toEqual([0, 'completed']);
});

test('it shows the command that approves when people are asked, and ends with 1 when the run did not complete', async () => {
  server.route(EVENTS, (response) => send(response, [...waitingEvents, ended('run.failed')]));
  server.on('GET /v1/runs/run-7', [200, { ...waitingRun, status: 'failed', waitingFor: [] }]);
  const { code, out } = await run(server.url, watch);
  expect(code).toBe(1);
  expect(out).toContain('./interlock approvals approve run-7.9 --reason "..."');
  expect(out).toMatch(/status\s+failed/);
});

test('a run nobody knows is refused, a server that is not there cannot be reached', async () => {
  expect((await run(server.url, watch)).code).toBe(1);
  expect((await run('http://127.0.0.1:1', watch)).code).toBe(3);
});

test.each([
  [': heartbeat', undefined],
  ['id: 4\nevent: x\ndata: {"a":1}', { id: '4', data: '{"a":1}' }],
  ['data:a\ndata: b', { data: 'a\nb' }],
])('a block of a stream is read: %j', (block, event) => {
  expect(parseEvent(block)).toEqual(event);
});
