import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notificationHook } from '@interlock/contracts';
import { EgressGuard, entryOf } from '@interlock/egress';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deliverer } from './deliverer.js';
import { configuredHooks } from './hooks.js';
import type { Attempted } from './notice.actor.js';

const KEY = 'a key of sixteen characters';
const NOW = Date.UTC(2026, 0, 1);
const gateway = (host: string, port = 7400) => ({ INTERLOCK_HOST: host, INTERLOCK_PORT: port });
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

async function deliver(more: object = {}, told: object = {}): Promise<Attempted['attempt'] | undefined> {
  const { port } = server.address() as AddressInfo;
  const hook = notificationHook.parse({
    name: 'ops',
    url: `http://127.0.0.1:${port}/hook`,
    secret: 'OPS_SECRET',
    on: ['ended'],
    links: 'https://interlock.example.com/',
    ...more,
  });
  const hooks = configuredHooks([hook], { OPS_SECRET: KEY }, gateway('127.0.0.1'));
  const egress = new EgressGuard({
    allow: [entryOf(new URL(`http://127.0.0.1:${port}/`))],
  });
  const deliverer = new Deliverer(hooks, egress, { now: () => NOW }, () => undefined);
  const notice = {
    noticeId: 'run-1/9',
    kind: 'ended',
    status: 'completed',
    at: NOW - 5_000,
    ...told,
  } as const;
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

const question = { id: 'run-1/9', to: 'carla', text: 'Which size?', until: NOW + 60_000 };
const asked = { kind: 'asked', status: 'waiting', step: 'desk', waitsFor: 'conversation', question };

test('a question goes to a hook that takes questions; another learns only that somebody is asked', async () => {
  await deliver({ on: ['asked'] }, asked);
  await deliver({ on: ['waiting'] }, asked);
  const [told, other] = received.map(({ body }) => JSON.parse(body));
  expect(told).toMatchObject({
    type: 'run.asked',
    data: { question: { ...question, until: '2026-01-01T00:01:00.000Z' } },
  });
  expect(other).toMatchObject({ type: 'run.waiting', data: { waitsFor: 'conversation' } });
  expect(JSON.stringify(other)).not.toMatch(/carla|size/);
});

test('a question that nobody may answer any more is not sent', async () => {
  const late = { ...asked, question: { ...question, until: NOW } };
  expect(await deliver({ on: ['asked'] }, late)).toMatchObject({ kind: 'failed', isFinal: true });
  expect(received).toEqual([]);
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

test('what waits behind other requests to its hook is let go of at once when its process ends', async () => {
  const hook = notificationHook.parse({
    name: 'ops',
    url: 'https://x.example/',
    secret: 'OPS_SECRET',
    on: ['ended'],
  });
  const hooks = configuredHooks([hook], { OPS_SECRET: KEY }, gateway('127.0.0.1'));
  const asked: string[] = [];
  const egress = {
    request: (url: string) => {
      asked.push(url);
      return new Promise<never>(() => undefined);
    },
  };
  const deliverer = new Deliverer(hooks, egress, { now: () => NOW }, () => undefined);
  const ending = new AbortController();
  const results: unknown[] = [];
  const send = (runId: string, { signal }: AbortController) =>
    deliverer.deliver(
      {
        notice: { noticeId: `${runId}/9`, kind: 'ended', status: 'completed', at: NOW },
        hook: 'ops',
        runId,
        run: { workflow: { name: 'refund', version: 3 } },
      },
      { signal, result: (value) => void results.push(value) },
    );
  for (let run = 0; run < 8; run += 1) void send(`run-${run}`, new AbortController());
  const waiting = send('run-8', ending);
  ending.abort();
  await waiting;
  expect([asked.length, results]).toEqual([8, []]);
});

describe('where links begin', () => {
  const hook = (more: object = {}) =>
    notificationHook.parse({
      name: 'ops',
      url: 'https://x.example/',
      secret: 'OPS_SECRET',
      on: ['ended'],
      ...more,
    });
  const baseOf = (at: ReturnType<typeof gateway>, more: object = {}) =>
    configuredHooks([hook(more)], { OPS_SECRET: KEY }, at).map(({ base }) => base);

  test.each([
    ['127.0.0.1', 'http://127.0.0.1:7400/v1'],
    ['interlock.internal', 'http://interlock.internal:7400/v1'],
    ['::1', 'http://[::1]:7400/v1'],
  ])('is the interface of the gateway at %s, unless the hook says it', (host, base) => {
    expect(baseOf(gateway(host))).toEqual([base]);
    expect(baseOf(gateway(host), { links: 'https://i.example/v1/' })).toEqual(['https://i.example/v1']);
  });

  test.each([
    ['0.0.0.0', 7400],
    ['::', 7400],
    ['127.0.0.1', 0],
  ])('has to be said where %s:%i is no place to go to', (host, port) => {
    expect(() => baseOf(gateway(host, port))).toThrow(/links of the notification ops: .* say where/s);
    expect(baseOf(gateway(host, port), { links: 'https://i.example/v1' })).toEqual(['https://i.example/v1']);
  });
});

test('a hook whose key is missing or short ends the start', () => {
  const hook = notificationHook.parse({
    name: 'ops',
    url: 'https://x.example/',
    secret: 'OPS_SECRET',
    on: ['ended'],
  });
  for (const environment of [{}, { OPS_SECRET: 'short' }])
    expect(() => configuredHooks([hook], environment, gateway('127.0.0.1'))).toThrow(/OPS_SECRET/);
});

describe('a notification by a tool', () => {
  const mail = notificationHook.parse({
    name: 'lead',
    secret: 'OPS_SECRET',
    on: ['ended'],
    by: { trigger: 'notice-lead', workflow: 'notice-lead' },
  });

  test('goes to the gateway, as the settings of the notifier name it', () => {
    const [configured] = configuredHooks([mail], { OPS_SECRET: KEY }, gateway('127.0.0.1'));
    expect(configured).toMatchObject({ url: 'http://127.0.0.1:7400/v1/triggers/notice-lead', local: true });
  });

  test('ends the start where nobody says where the gateway is', () => {
    const configure = () =>
      configuredHooks([{ ...mail, links: 'https://x.example/' }], { OPS_SECRET: KEY }, gateway('0.0.0.0'));
    expect(configure).toThrow(/gateway of the notification lead/);
  });
});
