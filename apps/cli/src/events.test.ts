import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

const fed = (seq: number) => ({
  type: 'interlock.run.started.v1',
  subject: 'run-7',
  seq,
  time: '2026-11-22T09:15:00.120Z',
  position: `p${seq}`,
  data: { workflow: { name: 'w' } },
});
const send = (response: ServerResponse, seqs: readonly number[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const seq of seqs) response.write(`id: p${seq}\ndata: ${JSON.stringify(fed(seq))}\n\n`);
};
const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const refused = [403, { title: 'Not allowed', status: 403, detail: 'No more.', errors: [] }] as const;

test('without --follow every page is told, up to the present end', async () => {
  server.on('GET /v1/events?limit=1000', [200, { items: [fed(1), fed(2)], next: 'p2', more: true }]);
  server.on('GET /v1/events?from=p2&limit=1000', [200, { items: [fed(3)], next: 'p3', more: false }]);
  const { code, out } = await run(server.url, ['events', '--json']);
  expect(code).toBe(0);
  expect(lines(out).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect((await run(server.url, ['events'])).out).toContain('run.started');
});

test('it follows from now on, and a broken stream is taken up behind the last event', async () => {
  server.on('GET /v1/events?from=now&limit=1000', [200, { items: [], next: 'p0', more: false }]);
  server.route(
    'GET /v1/events',
    (response, { headers }) => {
      expect(headers['last-event-id']).toBe('p0');
      send(response, [1, 2]);
      setImmediate(() => response.destroy());
    },
    (response, { headers }) => {
      expect(headers['last-event-id']).toBe('p2');
      send(response, [3]);
      response.end();
    },
    (response) => response.writeHead(refused[0]).end(JSON.stringify(refused[1])),
  );
  const { code, out, error } = await run(server.url, ['events', '--follow', '--json']);
  expect(lines(out).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(code).toBe(1);
  expect(error.split('\n')[0]).toBe('Live from here on, as long as it lasts: Ctrl-C ends it.');
});

test('a stream that was open and silent is taken up again, also by a server that is still starting', async () => {
  server.on('GET /v1/events?from=now&limit=1000', [200, { items: [], next: 'p0', more: false }]);
  const notReady = { title: 'Not ready', status: 503, detail: 'The log is being read.', errors: [] };
  server.route(
    'GET /v1/events',
    (response) => {
      send(response, []);
      response.write(': live\n\n');
      setImmediate(() => response.destroy());
    },
    (response) => response.writeHead(503).end(JSON.stringify(notReady)),
    (response, { headers }) => {
      expect(headers['last-event-id']).toBe('p0');
      send(response, [1]);
      response.end();
    },
    (response) => response.writeHead(refused[0]).end(JSON.stringify(refused[1])),
  );
  const { code, out } = await run(server.url, ['events', '--follow', '--json']);
  expect(lines(out).map(({ seq }) => seq)).toEqual([1]);
  expect(code).toBe(1);
});

test('a server that was never there, or is starting, is told of at once', async () => {
  server.on('GET /v1/events', [503, { title: 'Not ready', status: 503, detail: 'Reading.', errors: [] }]);
  const { error } = await run(server.url, ['events', '--follow', '--from', 'p7']);
  expect(error).toContain('Reading.');
  expect(server.asked).toHaveLength(1);
});

test('from the start it tells what there is and then follows', async () => {
  server.on('GET /v1/events?limit=1000', [200, { items: [fed(1)], next: 'p1', more: false }]);
  server.route(
    'GET /v1/events',
    (response, { headers }) => {
      expect(headers['last-event-id']).toBe('p1');
      send(response, [2]);
      response.end();
    },
    (response) => response.writeHead(refused[0]).end(JSON.stringify(refused[1])),
  );
  const { out } = await run(server.url, ['events', '--follow', '--from', 'start', '--json']);
  expect(lines(out).map(({ seq }) => seq)).toEqual([1, 2]);
});

test('a server that is not there cannot be reached', async () => {
  expect((await run('http://127.0.0.1:1', ['events', '--follow'])).code).toBe(3);
});
