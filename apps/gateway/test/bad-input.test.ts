import { errorCatalogue } from '@interlock/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const start = { workflow: 'wait-for-go', input: { orderId: 'ord-1' } };
const deep = (levels: number) =>
  `{"workflow":"wait-for-go","input":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const withInput = (input: string) => `{"workflow":"wait-for-go","input":${input}}`;

interface Case {
  readonly what: string;
  readonly body: string | Uint8Array;
  readonly status: number;
  readonly type?: string | null;
  readonly headers?: Record<string, string>;
  readonly query?: string;
}

const cases: readonly Case[] = [
  { what: 'malformed JSON', body: '{"workflow":', status: 400 },
  { what: 'an empty body', body: '', status: 400 },
  { what: 'a list', body: '[1]', status: 400 },
  { what: 'null', body: 'null', status: 400 },
  { what: 'a number', body: '12', status: 400 },
  { what: 'invalid UTF-8', body: Buffer.from('{"workflow":"\xff\xfe"}', 'latin1'), status: 400 },
  { what: 'an unknown field', body: JSON.stringify({ ...start, colour: 'red' }), status: 400 },
  { what: 'a missing field', body: '{"workflow":"wait-for-go"}', status: 400 },
  { what: 'a field of another type', body: '{"workflow":7,"input":{}}', status: 400 },
  { what: '65 levels', body: deep(64), status: 400 },
  { what: '10,000 levels', body: deep(10_000), status: 400 },
  { what: '400,000 levels', body: deep(400_000), status: 400 },
  { what: 'a key __proto__', body: withInput('{"__proto__":{"admin":true}}'), status: 400 },
  { what: 'a key __proto__ in escapes', body: withInput('{"\\u005f_proto__":1}'), status: 400 },
  { what: 'a key constructor deep inside', body: withInput('{"a":[{"constructor":1}]}'), status: 400 },
  { what: 'a key prototype', body: '{"prototype":1}', status: 400 },
  { what: 'a number beyond a double', body: withInput('{"orderId":1e999}'), status: 400 },
  { what: 'half of a surrogate pair', body: withInput('{"orderId":"\\ud800"}'), status: 400 },
  { what: 'a runId with a slash', body: JSON.stringify({ ...start, runId: 'a/b' }), status: 400 },
  {
    what: 'a runId beside a key',
    body: JSON.stringify({ ...start, runId: 'a' }),
    headers: { 'idempotency-key': 'k' },
    status: 400,
  },
  {
    what: 'a key that is too long',
    body: JSON.stringify(start),
    headers: { 'idempotency-key': 'k'.repeat(256) },
    status: 400,
  },
  { what: 'a wait that is none', body: JSON.stringify(start), query: '?wait=soon', status: 400 },
  { what: 'a wait of an hour', body: JSON.stringify(start), query: '?wait=3600s', status: 400 },
  { what: 'a wait of an hour in ISO 8601', body: JSON.stringify(start), query: '?wait=PT1H', status: 400 },
  {
    what: 'a query field with a name of every object',
    body: JSON.stringify(start),
    query: '?constructor=1',
    status: 400,
  },
  {
    what: 'a query field named as a prototype',
    body: JSON.stringify(start),
    query: '?__proto__=1',
    status: 400,
  },
  { what: 'an unknown query field', body: JSON.stringify(start), query: '?wiat=1s', status: 400 },
  { what: 'a token', body: JSON.stringify(start), headers: { authorization: 'Bearer abc' }, status: 401 },
  { what: 'an unknown workflow', body: '{"workflow":"nothing","input":{}}', status: 404 },
  { what: 'an unknown version', body: JSON.stringify({ ...start, version: 9 }), status: 404 },
  { what: 'a body just over 1 MB', body: withInput(`{"orderId":"${'x'.repeat(1_048_576)}"}`), status: 413 },
  { what: '20 MB', body: withInput(`{"orderId":"${'x'.repeat(20_000_000)}"}`), status: 413 },
  { what: '20 MB of brackets', body: '['.repeat(20_000_000), status: 413 },
  { what: 'text', body: JSON.stringify(start), type: 'text/plain', status: 415 },
  { what: 'a form', body: 'workflow=a', type: 'application/x-www-form-urlencoded', status: 415 },
  { what: 'XML', body: '<run/>', type: 'application/xml', status: 415 },
  { what: 'input the workflow refuses', body: withInput('{"orderId":7}'), status: 422 },
  {
    what: 'an input field the workflow does not know',
    body: withInput('{"orderId":"a","x":1}'),
    status: 422,
  },
];

const errorCodes = Object.values(errorCatalogue).flatMap((part) => Object.keys(part));

describe('POST /v1/runs', () => {
  test.each(['0s', '0ms', 'PT0S'])('who waits for %s is answered at once', async (wait) => {
    const response = await gateway.request('POST', `/v1/runs?wait=${wait}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(start),
    });
    expect(response.status).toBe(202);
  });

  test.each(cases)('with $what is answered with $status', async ({ body, status, type, headers, query }) => {
    const response = await gateway.request('POST', `/v1/runs${query ?? ''}`, {
      headers: { 'content-type': type ?? 'application/json', ...headers },
      body: body as string,
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as { code: string; errors: unknown };
    expect(problem).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      type: expect.any(String),
    });
    expect(Array.isArray(problem.errors)).toBe(true);
    expect(errorCodes).toContain(problem.code);
  });

  test('names the field that the workflow’s schema refuses', async () => {
    const { body } = await gateway.json('POST', '/v1/runs', withInput('{"orderId":7}'));
    expect(body.errors).toEqual([{ path: 'input.orderId', message: 'must be string' }]);
  });

  test('takes 63 levels of input inside the body', async () => {
    const { status } = await gateway.json(
      'POST',
      '/v1/runs',
      `{"workflow":"short","input":{"a":${'['.repeat(62)}${']'.repeat(62)}}}`,
    );
    expect(status).toBe(202);
  });

  test('takes the forbidden words as values', async () => {
    const { status } = await gateway.json(
      'POST',
      '/v1/runs',
      withInput('{"orderId":"__proto__","note":"constructor"}'),
    );
    expect(status).toBe(202);
  });

  test('answers quickly while 20 MB come in', async () => {
    const large = gateway.json('POST', '/v1/runs', withInput(`{"orderId":"${'x'.repeat(20_000_000)}"}`));
    const { status } = await gateway.json('GET', '/healthz');
    expect(status).toBe(200);
    expect((await large).status).toBe(413);
  });
});

describe('other requests', () => {
  test.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '/nothing', 404],
    ['GET', '/v1/approvals/unknown', 404],
    ['DELETE', '/v1/approvals', 404],
    ['DELETE', '/v1/runs', 404],
    ['GET', '/v1/runs/unknown', 404],
    ['GET', '/v1/runs/%zz', 400],
    ['GET', '/v1/runs/a%2Fb', 404],
    ['GET', '/v1/runs/unknown/events', 404],
    ['GET', '/v1/runs/unknown/state', 404],
    ['GET', '/v1/runs?limit=0', 400],
    ['GET', '/v1/runs?limit=501', 400],
    ['GET', '/v1/runs?limit=x', 400],
    ['GET', '/v1/runs?status=odd', 400],
    ['GET', '/v1/runs?cursor=odd', 400],
    ['GET', '/v1/runs?colour=red', 400],
    ['GET', '/v1/runs/unknown/events?limit=10001', 400],
    ['GET', '/v1/artifacts?kind=odd', 400],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const response = await gateway.request(method, path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  test.each([
    ['0', 'must be 1 or more'],
    ['501', 'must be 500 or less'],
    ['x', 'must be a whole number'],
  ])('a limit of %s is refused with what it must be', async (limit, message) => {
    const { body } = await gateway.json('GET', `/v1/runs?limit=${limit}`);
    expect(body.errors).toEqual([{ path: 'limit', message }]);
  });

  test('a workflow that does not compile is refused with line and column', async () => {
    const document =
      'workflow: broken\nversion: 1\npurpose: Nothing.\ninput: { type: object }\nsteps:\n  a:\n    needs: [b]\n    wait: { for: PT1S }\n';
    const { status, body } = await gateway.json('POST', '/v1/artifacts', {
      kind: 'workflow',
      name: 'broken',
      version: 1,
      document,
    });
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
  });

  test('a version is published with one document', async () => {
    const table = {
      kind: 'table',
      name: 'rules',
      version: 1,
      document: JSON.parse('{"rules":[{"when":"true","then":1}]}'),
    };
    const first = await gateway.json('POST', '/v1/artifacts', table);
    const again = await gateway.json('POST', '/v1/artifacts', table);
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    const other = await gateway.json('POST', '/v1/artifacts', { ...table, document: { rules: [1] } });
    expect(other.status).toBe(409);
    const listed = (query: string) => gateway.json('GET', `/v1/artifacts?kind=table${query}`);
    expect((await listed('&documents=true')).body.items[0].document).toEqual(table.document);
    expect((await listed('')).body.items[0]).not.toHaveProperty('document');
  });

  test('the rate of one identity is bounded', async () => {
    const slow = await GatewayUnderTest.start({ settings: { INTERLOCK_RATE_READS: '1' } }).catch(
      (error: Error) => error,
    );
    if (slow instanceof Error) throw slow;
    const answers = await Promise.all(Array.from({ length: 6 }, () => slow.request('GET', '/v1/runs')));
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    await slow.remove();
  });
});
