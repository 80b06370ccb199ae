import { join } from 'node:path';
import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { AccessLog, STRANGER } from '@interlock/service';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const requestBody = (body: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const recorded = (at = gateway) => at.accesses();

test('who asked for what is written down: reads, writes and what was refused', async () => {
  const start = { workflow: 'wait-for-go', input: { orderId: 'o-1' } };
  const { body: run } = await gateway.json('POST', '/v1/runs', start);
  await gateway.json('GET', `/v1/runs/${run.runId}`);
  await gateway.json('GET', '/v1/runs/no-such-run');
  await gateway.json('GET', '/v1/runs', undefined, { authorization: 'Bearer abc' });
  await gateway.json('POST', '/v1/runs', { ...start, runId: 'taken' });
  await gateway.json('POST', '/v1/runs', { ...start, runId: 'taken', input: { orderId: 'o-9' } });
  await gateway.json('POST', '/v1/approvals/none/votes', { vote: 'approve', callHash: 'c', reason: 'yes' });
  const { keyId, privateKey } = KeyFile.open(tokenKeyPath(join(gateway.directory, 'keys'))).current;
  const bo = await new SignJWT({ iss: 'interlock', aud: 'interlock', sub: 'bo', roles: [], tenant: 'north' })
    .setProtectedHeader({ alg: 'EdDSA', kid: keyId })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  await gateway.json('POST', '/v1/runs', start, { authorization: `Bearer ${bo}` });
  await gateway.json('POST', '/v1/runs', { workflow: 1 });
  await gateway.request('GET', '/healthz');
  await gateway.until(async () => (await recorded()).some(({ status }) => status === 400));
  const seen = (await recorded()).map(({ sub, method, route, subject, status }) =>
    [sub, method, route, subject ?? '-', status].join(' '),
  );
  expect(seen).toEqual(
    expect.arrayContaining([
      'olga POST /v1/runs - 202',
      `olga GET /v1/runs/:runId ${run.runId} 200`,
      'olga GET /v1/runs/:runId no-such-run 404',
      'olga POST /v1/runs - 409',
      'olga POST /v1/approvals/:approvalId/votes none 404',
      'bo POST /v1/runs - 403',
      'olga POST /v1/runs - 400',
    ]),
  );
  expect(seen.some((line) => line.includes('healthz'))).toBe(false);
  expect((await recorded()).find(({ sub }) => sub === 'bo')).toMatchObject({ tenant: 'north', roles: [] });
});

test('whatever a route names is written down with it', async () => {
  const { body } = await gateway.json('GET', '/openapi.json');
  const methods = ['get', 'post', 'patch', 'delete'];
  const routes = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
    /\{/.test(path) && !path.startsWith('/v1/triggers/')
      ? methods
          .filter((method) => method in operations)
          .map((method) => [method.toUpperCase(), path] as const)
      : [],
  );
  const named = (at: number) => `named-${at}`;
  for (const [at, [method, path]] of routes.entries())
    await gateway.request(method, path.replace(/\{\w+\}/g, named(at)));
  const written = async () =>
    (await recorded()).flatMap(({ subject, method, route }) =>
      /^named-/.test(String(subject)) ? [[method, route, subject].join(' ')] : [],
    );
  const expected = routes.map(([method, path], at) => {
    const subject = (path.match(/\{/g) ?? []).map(() => named(at)).join('/');
    return `${method} ${path.replace(/\{(\w+)\}/g, ':$1')} ${subject}`;
  });
  await gateway.until(async () => (await written()).length >= expected.length);
  expect(await written()).toEqual(expect.arrayContaining(expected));
});

const countOf = async (line: string, at = gateway): Promise<number> =>
  (await recorded(at)).filter(
    ({ sub, method, route, status }) => [sub, method, route, status].join(' ') === line,
  ).length;

test('a live stream is written down while it goes on, once', async () => {
  const start = { workflow: 'wait-for-go', input: { orderId: 'o-2' } };
  const { body: run } = await gateway.json('POST', '/v1/runs', start);
  const leaving = new AbortController();
  const { status } = await gateway.request('GET', `/v1/runs/${run.runId}/events`, {
    headers: { accept: 'text/event-stream' },
    signal: leaving.signal,
  });
  expect(status).toBe(200);
  const line = 'olga GET /v1/runs/:runId/events 200';
  await gateway.until(async () => (await countOf(line)) === 1);
  leaving.abort();
  await gateway.request('GET', '/v1/runs?limit=3');
  await gateway.until(async () => (await countOf('olga GET /v1/runs 200')) === 1);
  expect(await countOf(line)).toBe(1);
});

describe('a caller who hears nothing of the end', () => {
  /** Nobody works the runs of this one, so no wait for them ends. */
  let quiet: GatewayUnderTest;
  beforeAll(async () => {
    quiet = await GatewayUnderTest.start({ orchestrator: false });
  });
  afterAll(() => quiet.remove());

  async function startAndWait(at: GatewayUnderTest, runId: string, signal: AbortSignal | null = null) {
    const body = { workflow: 'short', input: {}, runId };
    const answer = at.request('POST', '/v1/runs?wait=30s', { ...requestBody(body), signal });
    const ended = Promise.allSettled([answer]);
    await at.until(async () => (await at.request('GET', `/v1/runs/${runId}`)).status === 200);
    return { ended };
  }

  test('because of leaving is written down', async () => {
    const leaving = new AbortController();
    const { ended } = await startAndWait(quiet, 'left-alone', leaving.signal);
    leaving.abort();
    expect(await ended).toMatchObject([{ status: 'rejected' }]);
    await quiet.until(async () => (await countOf('olga POST /v1/runs 499', quiet)) === 1);
  });

  test('but that the run was accepted, because the gateway stops, is written down before it is gone', async () => {
    const stopping = await GatewayUnderTest.start({ beside: quiet });
    const { ended } = await startAndWait(stopping, 'asked-last');
    await stopping.close();
    expect(await ended).toMatchObject([{ status: 'fulfilled', value: { status: 202 } }]);
    expect(await countOf('olga POST /v1/runs 202', quiet)).toBe(1);
  });
});

const one = { roles: [], method: 'GET', route: '/v1/runs', status: 200, at: 1 };

test('a flood of strangers drops nothing about anybody who is known', async () => {
  const warnings: unknown[] = [];
  const seen = new Map<string, number>();
  const append = async (_topic: string, _partition: number, { key }: { key: string }) =>
    void seen.set(key, (seen.get(key) ?? 0) + 1);
  const access = new AccessLog({ append }, 1, { warn: (fields: unknown) => warnings.push(fields) }, 60_000);
  for (let count = 0; count < 6_000; count++) access.record({ ...one, sub: STRANGER });
  for (let count = 0; count < 100; count++) access.record({ ...one, sub: 'ada' });
  await access.close();
  expect([seen.get(STRANGER), seen.get('ada'), warnings]).toEqual([1, 100, []]);
});

test('refusals of strangers are counted by what was refused and why, and nothing that they choose adds records', async () => {
  const written: { route: string; status: number; count?: number }[] = [];
  const append = async (_topic: string, _partition: number, { value }: { value: Uint8Array | null }) =>
    void written.push(JSON.parse(Buffer.from(value ?? []).toString()));
  const access = new AccessLog({ append }, 1, { warn: () => undefined }, 60_000);
  for (let count = 0; count < 40_000; count++)
    access.record({ ...one, sub: STRANGER, status: 401, subject: `run-${count}` });
  for (let count = 0; count < 1_000; count++)
    access.record({ ...one, sub: STRANGER, route: `/v1/${count}`, status: 429 });
  await access.close();
  expect(written.length).toBe(201);
  expect(written.find(({ status }) => status === 401)).toMatchObject({ count: 40_000, route: '/v1/runs' });
  expect(written.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(41_000);
});

test('a log that takes nothing is told, and holds nobody up', async () => {
  const warnings: unknown[] = [];
  const appender = { append: () => Promise.reject(new Error('down')) };
  const access = new AccessLog(appender, 1, { warn: (fields: unknown) => warnings.push(fields) }, 60_000);
  for (let count = 0; count < 20_003; count++) access.record({ ...one, sub: 'ada' });
  await access.close();
  expect(warnings).toEqual([{ dropped: 3 }, ...warnings.slice(1)]);
  expect(warnings.slice(1).reduce((sum: number, fields) => sum + (fields as { lost: number }).lost, 0)).toBe(
    20_000,
  );
});
