import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPlace } from './place.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
beforeAll(async () => {
  place = await newPlace('bad-requests');
  const environment = {
    INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
    ERRANDS_FILE: `${place.directory}/errands`,
  };
  system = await startSystem({ dataDir: `${place.directory}/data`, environment });
});
afterAll(async () => {
  await system.stop();
  await place.remove();
});

const good = { workflow: 'read', input: { id: 'a', pauseMs: 0 } };
const withInput = (input: string) => `{"workflow":"read","input":${input}}`;
const deep = (levels: number) => withInput(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
const MEGABYTE = 1_024 * 1_024;

interface Case {
  readonly what: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly type?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const cases: readonly Case[] = [
  { what: 'malformed JSON', body: '{"workflow":"read",', status: 400 },
  { what: 'an empty body', body: '', status: 400 },
  { what: 'a list', body: '[]', status: 400 },
  { what: 'a number', body: '1', status: 400 },
  { what: 'null', body: 'null', status: 400 },
  { what: 'two objects', body: '{}{}', status: 400 },
  { what: 'a byte order mark and nothing', body: '\uFEFF', status: 400 },
  { what: 'invalid UTF-8', body: latin1('{"workflow":"re\xffd","input":{}}'), status: 400 },
  { what: 'half of a surrogate pair', body: withInput('{"id":"\\ud800","pauseMs":0}'), status: 400 },
  { what: 'an unknown field', body: JSON.stringify({ ...good, colour: 'red' }), status: 400 },
  { what: 'a missing field', body: '{"workflow":"read"}', status: 400 },
  { what: 'a wrong type', body: JSON.stringify({ ...good, workflow: 7 }), status: 400 },
  { what: '65 levels', body: deep(65), status: 400 },
  { what: '10,000 levels', body: deep(10_000), status: 400 },
  {
    what: '10,000 levels of lists',
    body: withInput(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    status: 400,
  },
  { what: '__proto__', body: withInput('{"__proto__":{"id":"a"}}'), status: 400 },
  { what: '__proto__ in escapes', body: withInput('{"\\u005f_proto__":{}}'), status: 400 },
  {
    what: 'constructor, deep down',
    body: withInput('{"id":"a","pauseMs":0,"x":[{"constructor":1}]}'),
    status: 400,
  },
  { what: 'prototype', body: withInput('{"prototype":1}'), status: 400 },
  { what: 'a number beyond a double', body: withInput('{"id":"a","pauseMs":1e999}'), status: 400 },
  { what: '20 MB', body: withInput(`"${'a'.repeat(20 * MEGABYTE)}"`), status: 413 },
  { what: '20 MB that are not JSON', body: 'a'.repeat(20 * MEGABYTE), type: 'text/plain', status: 413 },
  { what: 'a little over 1 MB', body: withInput(`"${'a'.repeat(MEGABYTE)}"`), status: 413 },
  { what: 'a form', body: 'workflow=read', type: 'application/x-www-form-urlencoded', status: 415 },
  { what: 'text', body: JSON.stringify(good), type: 'text/plain', status: 415 },
  { what: 'no content type', body: latin1(JSON.stringify(good)), type: '', status: 415 },
  { what: 'input that the schema refuses', body: withInput('{"id":7,"pauseMs":0}'), status: 422 },
  { what: 'input with a field too many', body: withInput('{"id":"a","pauseMs":0,"x":1}'), status: 422 },
  {
    what: 'a workflow that does not exist',
    body: JSON.stringify({ ...good, workflow: 'nothing' }),
    status: 404,
  },
  {
    what: 'a runId beside a key',
    body: JSON.stringify({ ...good, runId: 'a' }),
    headers: { 'idempotency-key': 'k' },
    status: 400,
  },
  { what: 'an unknown query', body: JSON.stringify(good), path: '/v1/runs?colour=red', status: 400 },
  { what: 'a wait that is none', body: JSON.stringify(good), path: '/v1/runs?wait=soon', status: 400 },
  {
    what: 'an unknown run',
    method: 'GET',
    path: '/v1/runs/5c1f6a3e-0000-4000-8000-000000000000',
    status: 404,
  },
  { what: 'an id that is none', method: 'GET', path: '/v1/runs/%00%ff', status: 400 },
  { what: 'an unknown run’s events', method: 'GET', path: '/v1/runs/nobody/events', status: 404 },
  {
    what: 'a command to an unknown run',
    body: '{"type":"cancel","reason":"r"}',
    path: '/v1/runs/nobody/commands',
    status: 404,
  },
  { what: 'a limit over the maximum', method: 'GET', path: '/v1/runs?limit=501', status: 400 },
  { what: 'a cursor that is none', method: 'GET', path: '/v1/runs?cursor=abc', status: 400 },
  { what: 'an address that does not exist', method: 'GET', path: '/v1/nothing', status: 404 },
  {
    what: 'a token nobody signed',
    method: 'GET',
    path: '/v1/runs',
    headers: { authorization: 'Bearer x' },
    status: 401,
  },
];

describe('every bad request gets its code, as problem details', () => {
  test.each(cases)(
    '$what: $status',
    async ({ body, status, type = 'application/json', path = '/v1/runs', method = 'POST', headers = {} }) => {
      const contentType: Record<string, string> =
        body === undefined || type === '' ? {} : { 'content-type': type };
      const response = await system.client.fetch(path, {
        method,
        body,
        headers: { ...contentType, ...headers },
      });
      const text = await response.text();
      expect({ status: response.status, text }).toMatchObject({ status });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      const problem = JSON.parse(text);
      expect(problem).toMatchObject({
        type: expect.any(String),
        title: expect.any(String),
        status,
        detail: expect.any(String),
        errors: expect.any(Array),
      });
      expect(text.length, 'what was sent is not sent back').toBeLessThan(5_000);
    },
  );
});

test('the same key means the same run with the same body, and a conflict with another', async () => {
  const headers = { 'idempotency-key': 'key-1' };
  const first = await system.client.post<{ runId: string }>('/v1/runs', good, headers);
  const again = await system.client.post<{ runId: string }>('/v1/runs', good, headers);
  const other = await system.client.post('/v1/runs', { ...good, input: { id: 'b', pauseMs: 0 } }, headers);
  expect([first.status, again.status, other.status]).toEqual([202, 202, 409]);
  expect(again.body.runId).toBe(first.body.runId);
});

test('a command that does not fit the run’s state is a conflict', async () => {
  const { runId } = await system.client.start('read', { id: 'done', pauseMs: 0 });
  await system.client.settled(runId);
  const answer = await system.client.post(`/v1/runs/${runId}/commands`, { type: 'cancel', reason: 'late' });
  expect(answer.status).toBe(409);
});

test.each(['', ' ', '\u200b', '\u3164 \u2800'])('a reason that shows nothing is none: %j', async (reason) => {
  const { runId } = await system.client.start('read', { id: 'blank', pauseMs: 0 });
  const paths = [`/v1/runs/${runId}/commands`, '/v1/control/stops'];
  const bodies = [
    { type: 'pause', reason },
    { scope: { all: true }, compensations: false, reason },
  ];
  const answers = paths.map(async (path, at) => (await system.client.post(path, bodies[at])).status);
  expect(await Promise.all(answers)).toEqual([400, 400]);
});

test('whoever asks for the head of a stream of events gets it, and does not wait for an end', async () => {
  const { runId } = await system.client.start('read', { id: 'head', pauseMs: 0 });
  const response = await system.client.fetch(`/v1/runs/${runId}/events`, {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' },
    signal: AbortSignal.timeout(10_000),
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/event-stream'),
  ]);
  expect(await response.text()).toBe('');
});

test('after all that the service is up, quick, and works runs', async () => {
  const took: number[] = [];
  for (let times = 0; times < 200; times++) {
    const startedAt = performance.now();
    expect(await system.client.status('/readyz')).toBe(200);
    took.push(performance.now() - startedAt);
  }
  const { runId } = await system.client.start('write', { id: 'after', pauseMs: 0 });
  expect(await system.client.settled(runId)).toMatchObject({ status: 'completed' });
  expect(system.ended).toBeUndefined();
  const sorted = took.toSorted((a, b) => a - b);
  console.log(
    `${cases.length} bad requests; /readyz afterwards p50 ${sorted[100]?.toFixed(1)} ms, p99 ${sorted[197]?.toFixed(1)} ms`,
  );
  expect(sorted[100]).toBeLessThan(100);
});
