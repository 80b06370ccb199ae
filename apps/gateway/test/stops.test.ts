import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const STOPS = '/v1/control/stops';
const stop = (scope: object, more: object = {}) =>
  gateway.json('POST', STOPS, { scope, reason: 'tested', ...more });

test('what is stopped is in the list until it is lifted, and after that too', async () => {
  const { status, body } = await stop({ tool: 'mail.send' });
  expect([status, body]).toEqual([
    202,
    expect.objectContaining({
      scope: { tool: 'mail.send' },
      status: 'in_force',
      by: 'olga',
      compensations: false,
    }),
  ]);
  const lifted = await gateway.json('DELETE', `${STOPS}/${body.stopId}`);
  expect(lifted).toMatchObject({ status: 202, body: { status: 'lifted', liftedBy: ['olga'] } });
  const { items } = (await gateway.json('GET', STOPS)).body;
  expect(items[0]).toMatchObject({ stopId: body.stopId, status: 'lifted' });
});

test('a stop that is repeated under its id is one', async () => {
  const first = await stop({ all: true }, { commandId: 'one' });
  expect((await stop({ all: true }, { commandId: 'one' })).body.stopId).toBe(first.body.stopId);
  expect((await stop({ tool: 'x' }, { commandId: 'one' })).status).toBe(409);
  const path = `${STOPS}/${first.body.stopId}/votes`;
  const vote = { vote: 'approve', reason: 'tested' };
  expect((await gateway.json('POST', path, vote)).status).toBe(202);
  expect((await gateway.json('POST', path, vote)).status).toBe(409);
});

describe('refused is', () => {
  test.each<[string, object]>([
    ['a stop of nothing', { scope: {}, reason: 'x' }],
    ['a stop of two things', { scope: { tool: 'a', workflow: 'b' }, reason: 'x' }],
    ['a stop of not all', { scope: { all: false }, reason: 'x' }],
    ['a level that is none', { scope: { level: 'wild' }, reason: 'x' }],
    ['a stop without a reason', { scope: { all: true } }],
  ])('%s', async (_name, body) => {
    expect((await gateway.json('POST', STOPS, body)).status).toBe(400);
  });

  test('lifting what was never stopped', async () => {
    for (const id of ['f'.repeat(24), 'x'])
      expect((await gateway.json('DELETE', `${STOPS}/${id}`)).status).toBe(404);
  });

  test('stopping without the role', async () => {
    const authorization = `Bearer ${await developmentToken(gateway.directory, 'eve', ['lead'])}`;
    const body = { scope: { all: true }, reason: 'x' };
    expect((await gateway.json('POST', STOPS, body, { authorization })).status).toBe(403);
  });
});
