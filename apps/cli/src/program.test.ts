import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './program.js';

const run = {
  runId: 'run-1',
  workflow: { name: 'refund-request', version: 1, hash: 'h' },
  status: 'completed',
  input: { orderId: 'a' },
  output: { outcome: 'refunded' },
  success: true,
  startedAt: '2026-11-22T09:15:00.120Z',
  endedAt: '2026-11-22T09:15:00.188Z',
  usage: { tokens: 0, costUsd: 0.03, steps: 4, toolCalls: 3 },
  lastSeq: 2,
};
const event = (seq: number) => ({
  seq,
  type: 'step.completed',
  time: run.startedAt,
  data: { step: `s${seq}` },
  actor: 'olga',
});
const problem = {
  title: 'Refused',
  status: 422,
  detail: 'It does not fit.',
  errors: [{ path: 'input.orderId', message: 'must be string' }],
};

/** Answers as the interface says, in order where a path has several; the last one stays. */
const answers: Record<string, [status: number, body: unknown][]> = {
  'POST /v1/runs?wait=30s': [
    [202, { ...run, status: 'running' }],
    [200, run],
    [200, { ...run, status: 'failed', success: false }],
  ],
  'POST /v1/runs': [[422, problem]],
  'GET /v1/runs': [[200, { items: [run], next: '5.run-1' }]],
  'GET /v1/runs/run-1': [
    [200, run],
    [200, run],
  ],
  'GET /v1/runs/run-1/events?limit=10000': [[200, { items: [event(1)], next: '1' }]],
  'GET /v1/runs/run-1/events?limit=10000&cursor=1': [[200, { items: [event(2)] }]],
  'GET /healthz': [[200, { status: 'ok' }]],
  'GET /openapi.json': [[200, { info: { version: '1.2.3' } }]],
  'GET /v1/runs?limit=1': [[200, { items: [] }]],
  'GET /readyz': [[503, { title: 'Not ready', status: 503, detail: 'Waiting for runs.' }]],
  'GET /v1/artifacts?kind=workflow': [[200, { items: [{ name: 'refund-request', version: 1 }] }]],
};

let server: Server;
let url: string;
const keys: (string | string[] | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    const left = answers[`${request.method} ${request.url}`] ?? [[500, { detail: request.url }]];
    const [status, body] = left.length > 1 ? left.shift()! : left[0]!;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function cli(line: string[], at = url) {
  let out = '';
  let error = '';
  const code = await runCli([...line, '--url', at], {
    environment: {},
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

const start = ['run', 'start', 'refund-request', '--input', '{"orderId":"a"}'];

test('run start --wait asks again under one key until the run has settled', async () => {
  keys.length = 0;
  const { code, out } = await cli([...start, '--wait', '--json']);
  expect([code, JSON.parse(out).status]).toEqual([0, 'completed']);
  expect(keys[0]).toEqual(expect.any(String));
  expect(keys).toEqual([keys[0], keys[0]]);
});

test('run start --wait ends with 1 when the run did not complete', async () => {
  expect((await cli([...start, '--wait'])).code).toBe(1);
});

test('what the server refuses is told with every field, and ends with 1', async () => {
  const { code, error } = await cli(start);
  expect(code).toBe(1);
  expect(error).toContain('input.orderId: must be string');
});

test('what is refused is one line of JSON for programs: code, message and every field', async () => {
  const refused = await cli([...start, '--json']);
  expect([refused.code, JSON.parse(refused.error)]).toEqual([
    1,
    { code: 'refused', message: problem.detail, errors: problem.errors },
  ]);
  const misused = await cli(['run', 'list', '--limit', 'x', '--json']);
  expect([misused.code, JSON.parse(misused.error)]).toMatchObject([
    2,
    { code: 'usage', errors: [{ path: '--limit', message: 'must be a whole number from 1' }] },
  ]);
  const unanswered = await cli(['run', 'list', '--json'], 'http://127.0.0.1:1');
  expect([unanswered.code, JSON.parse(unanswered.error)]).toMatchObject([3, { code: 'unreachable' }]);
});

test('run list shows a row a run and how to go on', async () => {
  const { code, out } = await cli(['run', 'list']);
  expect(code).toBe(0);
  expect(out).toMatch(/run-1\s+refund-request@1\s+.*completed/);
  expect(out).toContain('--cursor 5.run-1');
});

test('run show prints the run, or its JSON', async () => {
  expect((await cli(['run', 'show', 'run-1'])).out).toContain('0.068 s');
  expect(JSON.parse((await cli(['run', 'show', 'run-1', '--json'])).out)).toEqual(run);
});

test('run events reads every page', async () => {
  expect(JSON.parse((await cli(['run', 'events', 'run-1', '--json'])).out).items).toHaveLength(2);
});

test('the help names groups in words that there are', async () => {
  const { out } = await cli(['--help']);
  expect(out).toContain('Commands about bulk orders');
  expect(out).toContain('Commands about messages in quarantine');
  expect(out).toContain('Commands about policies');
});

test('doctor names what is wrong and what to do', async () => {
  const { code, out } = await cli(['doctor']);
  expect(code).toBe(1);
  expect(out).toContain('FAIL');
  expect(out).toContain('Waiting for runs.');
});

test.each([
  [['run', 'show']],
  [['run', 'list', '--colour']],
  [['run', 'list', '--limit', 'x']],
  [['run', 'start', 'a@b@c', '--input', '{}']],
  [['run', 'start', 'a', '--input', '{"x":']],
  [['run', 'start', 'a', '--input', '/no/such/file']],
  [['nothing']],
])('wrong usage ends with 2: %j', async (line) => {
  const { code, error } = await cli(line);
  expect(code).toBe(2);
  expect(error).not.toBe('');
});

test.each([
  [['run', 'show'], "missing required argument 'run'"],
  [['run', 'start', 'a'], "required option '--input <input>' not specified"],
  [['run', 'list', '--colour'], "unknown option '--colour'"],
  [['nothing'], "unknown command 'nothing'"],
  [['schedule'], "unknown option '--json'"],
])('wrong usage is one line of JSON for programs: %j', async (line, message) => {
  const { code, error } = await cli([...line, '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(error)).toEqual({ code: 'usage', message: expect.stringContaining(message), errors: [] });
});

test('a server that is not there ends with 3, and says what to do', async () => {
  const { code, error } = await cli(['run', 'list'], 'http://127.0.0.1:1');
  expect(code).toBe(3);
  expect(error).toContain('npm start');
});
