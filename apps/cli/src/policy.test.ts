import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

const hash = 'c0ffee5e9b1f6f0a3d2c4b5a69788796a5b4c3d2e1f00112233445566778899a';
const pending = {
  activationId: '5d2c1f0e9b8a7766554433aa',
  hash,
  status: 'pending',
  needed: 2,
  approvedBy: ['ada'],
  by: 'ada',
  reason: 'two people',
  until: '2026-12-01T09:15:01.004Z',
};
const active = {
  hash: '9'.repeat(64),
  name: 'refunds',
  version: 1,
  because: 'two_people',
  approvedBy: ['ada', 'bob'],
  activatedAt: '2026-11-30T09:24:02.771Z',
};
const LIST = 'GET /v1/policy/activations';
const ACTIVATE = 'POST /v1/policy/activations';
const VOTE = `POST /v1/policy/activations/${pending.activationId}/votes`;

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
  server.on(LIST, [200, { items: [] }]);
});
afterEach(() => server.stop());

const activate = (...more: string[]) =>
  run(server.url, ['policy', 'activate', hash, '--reason', 'read it', ...more]);

test('the list says which bundle is in force and which one waits', async () => {
  const items = [
    { name: 'refunds', version: 1, hash: active.hash, publishedBy: 'ada' },
    { name: 'refunds', version: 2, hash, publishedBy: 'ada' },
  ];
  server.on('GET /v1/artifacts?kind=policy&limit=500', [200, { items }]);
  server.on(LIST, [200, { items: [pending] }]).on('GET /v1/policy/active', [200, active]);
  const { code, out } = await run(server.url, ['policy', 'list']);
  expect(code).toBe(0);
  expect(out).toMatch(/refunds@1,.* in force, activated by ada and bob/);
  expect(out).toMatch(/refunds@2,.* pending: ada wants it in force/);
});

test('the list shows a hash whole however narrow the terminal: people copy it', async () => {
  const items = [{ name: 'refunds', version: 2, hash, publishedBy: 'ada' }];
  server.on('GET /v1/artifacts?kind=policy&limit=500', [200, { items }]);
  server.on('GET /v1/policy/active', [200, active]);
  const { out } = await run(server.url, ['policy', 'list'], { look: { columns: 60, colour: false } });
  expect(out).toContain(hash);
});

test('without a bundle in force the list says that everything is denied', async () => {
  server.on('GET /v1/artifacts?kind=policy&limit=500', [200, { items: [] }]);
  const { out } = await run(server.url, ['policy', 'list']);
  expect(out).toContain('everything is denied');
});

test('the first person asks, and is told what the second one types', async () => {
  server.on(ACTIVATE, [202, pending]);
  const { code, out } = await activate();
  expect([code, server.sent(ACTIVATE)]).toEqual([
    0,
    [{ hash, reason: 'read it', commandId: expect.any(String) }],
  ]);
  expect(out).toContain('1 of 2 people have agreed');
  expect(out).toContain(`./interlock policy activate ${hash}`);
});

test('what comes into force takes what was in force out of it, and that is said', async () => {
  server.on('GET /v1/policy/active', [200, active]);
  server.on(ACTIVATE, [202, { ...pending, status: 'active', needed: 1 }]);
  const { out } = await activate();
  expect(out).toContain('refunds@1 is not in force any more: only one bundle is.');
});

test('the second person agrees to exactly that bundle with the same command', async () => {
  server.on(LIST, [200, { items: [pending] }]);
  server.on(VOTE, [202, { ...pending, status: 'active', approvedBy: ['ada', 'bob'] }]);
  const { code, out } = await activate();
  expect([code, server.sent(ACTIVATE)]).toEqual([0, []]);
  expect(server.sent(VOTE)).toEqual([
    { vote: 'approve', hash, reason: 'read it', commandId: expect.any(String) },
  ]);
  expect(out).toContain('is in force, activated by ada and bob');
});

test('a no is a vote too, and needs something to say no to', async () => {
  const deny = () => run(server.url, ['policy', 'deny', hash, '--reason', 'permits too much']);
  expect((await deny()).code).toBe(2);
  server.on(LIST, [200, { items: [pending] }]).on(VOTE, [202, { ...pending, status: 'denied' }]);
  expect((await deny()).out).toContain('The activation is denied.');
  expect(server.sent(VOTE)).toMatchObject([{ vote: 'deny' }]);
});

test('half a hash and a missing reason are refused here already', async () => {
  expect((await run(server.url, ['policy', 'activate', hash.slice(0, 8), '--reason', 'x'])).code).toBe(2);
  expect((await run(server.url, ['policy', 'activate', hash])).code).toBe(2);
  expect(server.asked).toEqual([]);
});

test('a refusal says what there is', async () => {
  const refusal = { title: 'Conflict', status: 409, detail: 'This bundle is in force already.', errors: [] };
  server.on(ACTIVATE, [409, refusal]);
  const { code, error } = await activate();
  expect(code).toBe(1);
  expect(error).toContain('./interlock policy list');
});
