import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

const STOPS = '/v1/control/stops';
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

  test('needs a reason', async () => {
    expect((await run(server.url, ['stop', '--all'])).code).toBe(2);
  });
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
    expect(out).toContain('Another person lifts it: ./interlock resume-all');
    expect(server.sent(votes(all.stopId))).toEqual([]);
  });

  test('of nothing is done, and of a stop that there is not is refused', async () => {
    server.on(`GET ${STOPS}`, [200, { items: [] }]);
    expect((await run(server.url, ['resume-all', '--reason', 'x'])).code).toBe(0);
    expect((await run(server.url, ['resume-all', '--stop', 'f', '--reason', 'x'])).code).toBe(1);
  });
});
