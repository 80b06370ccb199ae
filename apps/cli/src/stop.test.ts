import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkProof, issuerKeys, KeyFile, TokenVerifier, tokenKeyPath } from '@interlock/authority';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

const STOPS = '/v1/control/stops';
const published = (kind: string) => `GET /v1/artifacts?kind=${kind}&documents=true&limit=100`;
const one = {
  stopId: '0a1b2c3d4e5f60718293a4b5',
  scope: { tool: 'refunds.create' },
  compensations: false,
  status: 'in_force',
  reason: 'the bank answers twice',
  by: 'ada',
  liftedBy: [],
};
const all = { ...one, stopId: '1a1b2c3d4e5f60718293a4b5', scope: { all: true }, compensations: true };

let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
});
afterEach(() => server.stop());

describe('stop', () => {
  test.each([
    [['--tool', 'refunds.create'], { tool: 'refunds.create' }, false],
    [['--workflow', 'w'], { workflow: 'w' }, false],
    [['--tenant', 'acme'], { tenant: 'acme' }, false],
    [['--level', 'assisted'], { level: 'assisted' }, false],
    [['--all', '--compensations'], { all: true }, true],
  ])('%j is sent as its scope', async (flags, scope, compensations) => {
    server.on(`POST ${STOPS}`, [202, { ...one, scope, compensations }]);
    for (const kind of ['tool', 'workflow'])
      server.on(published(kind), [200, { items: [{ name: 'refunds.create' }, { name: 'w' }] }]);
    const { code, out } = await run(server.url, ['stop', ...flags, '--reason', 'x']);
    expect([code, server.sent(`POST ${STOPS}`)]).toEqual([
      0,
      [{ scope, compensations, reason: 'x', commandId: expect.any(String) }],
    ]);
    expect(out).toContain(`./interlock resume-all --stop ${one.stopId}`);
  });

  test.each([[[]], [['--tool', 'a', '--workflow', 'b']], [['--all', '--tool', 'a']]])(
    '%j names not exactly one thing, and nothing is sent',
    async (flags) => {
      expect((await run(server.url, ['stop', ...flags, '--reason', 'x'])).code).toBe(2);
      expect(server.asked).toEqual([]);
    },
  );

  test('of a tool that nobody has published says that it stops nothing now', async () => {
    server.on(`POST ${STOPS}`, [202, { ...one, scope: { tool: 'refund.create' } }]);
    server.on(published('tool'), [200, { items: [{ name: 'refunds.create' }] }]);
    const { code, error } = await run(server.url, ['stop', '--tool', 'refund.create', '--reason', 'x']);
    expect([code, error]).toEqual([0, expect.stringMatching(/no tool refund\.create .*refunds\.create/s)]);
  });

  test.each([[[]], [['--reason', ' ']], [['--reason', '\u200b\u3164']]])(
    'needs a reason, and %j is none',
    async (given) => {
      expect((await run(server.url, ['stop', '--all', ...given])).code).toBe(2);
      expect(server.asked).toEqual([]);
    },
  );
});

test('stops shows what is in force, and says so when nothing is', async () => {
  server.on(`GET ${STOPS}`, [200, { items: [one, { ...all, status: 'lifted' }] }], [200, { items: [] }]);
  const { out } = await run(server.url, ['stops']);
  expect(out).toMatch(/0a1b2c3d4e5f60718293a4b5\s+tool refunds.create\s+ada\s+in force/);
  expect(out).not.toContain('everything');
  expect((await run(server.url, ['stops'])).out).toContain('Nothing is stopped.');
});

describe('resume-all', () => {
  const votes = (stopId: string) => `POST ${STOPS}/${stopId}/votes`;

  test('lifts everything that is in force', async () => {
    server.on(`GET ${STOPS}`, [200, { items: [one, all] }]);
    for (const stop of [one, all])
      server.on(votes(stop.stopId), [202, { ...stop, status: 'lifted', liftedBy: ['ada', 'bob'] }]);
    const { code, out } = await run(server.url, ['resume-all', '--reason', 'x']);
    expect(code).toBe(0);
    expect(out).toContain('tool refunds.create: lifted, by ada and bob');
    expect(out).toContain('everything, with what undoes something: lifted');
    expect(out).not.toContain('Another person');
  });

  test('may lift one of them, and says when it takes another person', async () => {
    server.on(`GET ${STOPS}`, [200, { items: [one, all] }]);
    server.on(votes(one.stopId), [202, { ...one, status: 'lifting', liftedBy: ['ada'] }]);
    const { out } = await run(server.url, ['resume-all', '--stop', one.stopId, '--reason', 'x']);
    expect(out).toContain('Another person has to agree to lift it: ./interlock resume-all');
    expect(server.sent(votes(all.stopId))).toEqual([]);
  });

  test('of nothing is done, and of a stop that there is not is refused', async () => {
    server.on(`GET ${STOPS}`, [200, { items: [] }]);
    expect((await run(server.url, ['resume-all', '--reason', 'x'])).code).toBe(0);
    expect((await run(server.url, ['resume-all', '--stop', 'f', '--reason', 'x'])).code).toBe(1);
  });

  test('is signed by whoever types: in production nobody is taken at less', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'interlock-stop-'));
    KeyFile.open(tokenKeyPath(directory));
    const environment = { INTERLOCK_MODE: 'development', INTERLOCK_KEYS_DIR: directory } as const;
    server.on(`GET ${STOPS}`, [200, { items: [one] }]);
    server.on(votes(one.stopId), [202, { ...one, status: 'lifting', liftedBy: ['ada'] }]);
    await run(server.url, ['resume-all', '--reason', 'x'], {
      environment,
      now: Date.now,
    });
    const asked = server.asked.find(({ call }) => call === votes(one.stopId));
    const { authorization, 'interlock-proof': proof } = asked?.headers ?? {};
    const names = { issuer: 'interlock', audience: 'interlock', lifeMaxS: 900 };
    const tokens = new TokenVerifier({ ...names, keys: issuerKeys(environment, () => undefined) });
    const by = await tokens.verify(String(authorization).replace('Bearer ', ''), { at: Date.now() });
    const { commandId, ...body } = (asked?.body ?? {}) as { commandId: string };
    const request = { method: 'POST', path: `${STOPS}/${one.stopId}/votes`, body };
    await checkProof(String(proof), { commandId, by, request });
    rmSync(directory, { recursive: true });
  });
});
