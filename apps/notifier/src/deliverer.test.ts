import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notificationHook } from '@interlock/contracts';
import { EgressGuard } from '@interlock/egress';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Deliverer } from './deliverer.js';
import { configuredHooks, placeOf } from './hooks.js';
import type { Attempted } from './notice.actor.js';

const KEY = 'a key of sixteen characters';
const NOW = Date.UTC(2026, 0, 1);
let server: Server;
let received: { headers: IncomingHttpHeaders; body: string }[];
let answer: number;

beforeEach(async () => {
  received = [];
  answer = 204;
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(answer, { location: 'http://127.0.0.1:9/' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function deliver(more: object = {}): Promise<Attempted['attempt'] | undefined> {
  const { port } = server.address() as AddressInfo;
  const hook = notificationHook.parse({
    name: 'ops',
    url: `http://127.0.0.1:${port}/hook`,
    secret: 'OPS_SECRET',
    on: ['ended'],
    links: 'https://interlock.example.com/',
    ...more,
  });
  const configuration = { INTERLOCK_HOST: '127.0.0.1', INTERLOCK_PORT: 7400 };
  const hooks = configuredHooks([hook], { OPS_SECRET: KEY }, configuration);
  const egress = new EgressGuard({
    allow: [placeOf(notificationHook.parse({ ...hook, url: `http://127.0.0.1:${port}/` }))],
  });
  const deliverer = new Deliverer(hooks, egress, { now: () => NOW }, () => undefined);
  const notice = { noticeId: 'run-1/9', kind: 'ended', status: 'completed', at: NOW - 5_000 } as const;
  let attempt: Attempted['attempt'] | undefined;
  await deliverer.deliver(
    { notice, hook: 'ops', runId: 'run-1', run: { workflow: { name: 'refund', version: 3 } } },
    {
      signal: new AbortController().signal,
      result: (value) => {
        attempt = (value as Attempted).attempt;
      },
    },
  );
  await egress.close();
  return attempt;
}

test('a hook gets what happened, where to look, and a signature over exactly that', async () => {
  expect(await deliver()).toEqual({ kind: 'delivered' });
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  expect(JSON.parse(body)).toEqual({
    type: 'run.ended',
    timestamp: '2025-12-31T23:59:55.000Z',
    data: {
      runId: 'run-1',
      workflow: 'refund',
      version: 3,
      status: 'completed',
      link: 'https://interlock.example.com/runs/run-1',
    },
  });
  const id = 'run-1/9/ops';
  const mac = createHmac('sha256', KEY)
    .update(`${id}.${NOW / 1_000}.${body}`)
    .digest('base64');
  expect(headers).toMatchObject({
    'webhook-id': id,
    'webhook-timestamp': String(NOW / 1_000),
    'webhook-signature': `v1,${mac}`,
  });
});

test.each([
  [500, false],
  [404, false],
  [302, false],
  [410, true],
])('an answer %i is no delivery', async (status, isFinal) => {
  answer = status;
  expect(await deliver()).toEqual({ kind: 'failed', because: `it answered ${status}`, isFinal });
  expect(received).toHaveLength(1);
});

test('another place than the hooks’ own is not reached', async () => {
  const attempt = await deliver({ url: 'http://127.0.0.1:1/hook' });
  expect(attempt).toEqual({ kind: 'failed', because: 'egress.not_allowed', isFinal: false });
});

test('a hook whose key is missing or short ends the start', () => {
  const hook = notificationHook.parse({
    name: 'ops',
    url: 'https://x.example/',
    secret: 'OPS_SECRET',
    on: ['ended'],
  });
  const configuration = { INTERLOCK_HOST: '127.0.0.1', INTERLOCK_PORT: 7400 };
  for (const environment of [{}, { OPS_SECRET: 'short' }])
    expect(() => configuredHooks([hook], environment, configuration)).toThrow(/OPS_SECRET/);
});
