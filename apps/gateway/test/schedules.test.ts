import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const SCHEDULES = '/v1/schedules';
const daily = { workflow: 'short', input: {}, cron: '0 9 * * *', timezone: 'Europe/Berlin' };
const create = (more: object) => gateway.json('POST', SCHEDULES, { ...daily, ...more });

test('a schedule is there with its next times until it is deleted', async () => {
  const { status, body } = await create({ name: 'daily' });
  expect([status, body]).toEqual([
    201,
    expect.objectContaining({
      name: 'daily',
      by: 'olga',
      overlap: 'skip',
      catchUp: 'PT1H',
      status: 'active',
    }),
  ]);
  expect(body.next).toHaveLength(5);
  for (const next of body.next) expect(next).toMatch(/T0[78]:00:00.000Z$/);
  expect((await gateway.json('GET', `${SCHEDULES}/daily`)).body).toEqual(body);
  const { input: _, ...listed } = body;
  expect((await gateway.json('GET', SCHEDULES)).body.items).toEqual([listed]);
  expect((await create({ name: 'daily' })).status).toBe(409);
  expect((await gateway.json('DELETE', `${SCHEDULES}/daily`)).status).toBe(200);
  expect((await gateway.json('GET', `${SCHEDULES}/daily`)).status).toBe(404);
});

test('what is not named in a change stays', async () => {
  await create({ name: 'changed', jitter: '5m' });
  const path = `${SCHEDULES}/changed`;
  const paused = await gateway.json('PATCH', path, { paused: true });
  expect(paused).toMatchObject({ status: 200, body: { status: 'paused', next: [], cron: '0 9 * * *' } });
  const moved = await gateway.json('PATCH', path, { every: '2h', paused: false, overlap: 'allow' });
  expect(moved.body).toMatchObject({ status: 'active', every: 'PT2H', jitter: 'PT5M', overlap: 'allow' });
  expect(moved.body.cron).toBeUndefined();
});

test('a creation that is repeated under its commandId is one', async () => {
  const first = await create({ name: 'repeated', commandId: 'one' });
  const second = await create({ name: 'repeated', commandId: 'one' });
  expect([first.status, second.status, second.body.createdAt]).toEqual([201, 201, first.body.createdAt]);
});

test('a tenant sees and changes its own alone', async () => {
  await create({ name: 'ours' });
  const authorization = `Bearer ${await developmentToken(gateway.directory, 'nora', ['operator'], 'north')}`;
  expect((await gateway.json('GET', SCHEDULES, undefined, { authorization })).body.items).toEqual([]);
  expect((await gateway.json('PATCH', `${SCHEDULES}/ours`, { paused: true }, { authorization })).status).toBe(
    404,
  );
  const theirs = await gateway.json('POST', SCHEDULES, { ...daily, name: 'ours' }, { authorization });
  expect(theirs.body).toMatchObject({ tenant: 'north', by: 'nora' });
});

test('pages of a list follow one another by name', async () => {
  for (const name of ['page-b', 'page-a', 'page-c']) await create({ name });
  const names = [];
  for (let query = '?limit=2'; query !== ''; ) {
    const { items, next } = (await gateway.json('GET', `${SCHEDULES}${query}`)).body;
    expect(items.length).toBeLessThanOrEqual(2);
    names.push(...items.map(({ name }: { name: string }) => name));
    query = next === undefined ? '' : `?limit=2&cursor=${encodeURIComponent(next)}`;
  }
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
  expect((await gateway.json('GET', `${SCHEDULES}?limit=501`)).status).toBe(400);
  expect((await gateway.json('GET', `${SCHEDULES}?cursor=page-a`)).status).toBe(400);
});

test('who reads those of every tenant says whose is meant where several have one of a name', async () => {
  const as = async (roles: string[], tenant: string) => ({
    authorization: `Bearer ${await developmentToken(gateway.directory, 'nora', roles, tenant)}`,
  });
  await create({ name: 'same' });
  const theirs = { ...daily, name: 'same', input: { of: 'theirs' } };
  await gateway.json('POST', SCHEDULES, theirs, await as(['operator'], 'west'));
  await gateway.json('POST', SCHEDULES, { ...theirs, name: 'single' }, await as(['operator'], 'west'));
  const auditor = await as(['auditor'], '*');
  const shown = async (query: string) =>
    (await gateway.json('GET', `${SCHEDULES}/${query}`, undefined, auditor)).body;
  expect(await shown('same')).toMatchObject({ status: 409, code: 'conflict' });
  expect(await shown('same?tenant=west')).toMatchObject({ tenant: 'west', input: { of: 'theirs' } });
  expect(await shown('same?tenant=')).toMatchObject({ by: 'olga', input: {} });
  expect(await shown('same?tenant=east')).toMatchObject({ status: 404 });
  expect(await shown('single')).toMatchObject({ tenant: 'west' });
  expect((await gateway.json('GET', `${SCHEDULES}/same?tenant=west`)).status).toBe(404);
});

describe('refused is', () => {
  test.each<[string, number, object]>([
    ['a schedule without a time', 400, { cron: undefined }],
    ['one with two', 400, { every: 'PT1H' }],
    ['an interval under a second', 400, { cron: undefined, every: '500ms' }],
    ['a pattern that is none', 400, { cron: '61 * * * *' }],
    ['a zone that is none', 400, { timezone: 'Europe/Atlantis' }],
    [
      'a pattern that never falls into its hours',
      400,
      { hours: { days: ['SAT'], from: '10:00', to: '11:00' } },
    ],
    ['hours that end before they begin', 400, { hours: { days: ['SAT'], from: '10:00', to: '09:00' } }],
    ['jitter as long as the interval', 400, { cron: undefined, every: '1m', jitter: '1m' }],
    ['a catch-up window that no restart fits into', 400, { catchUp: '1s' }],
    ['a name with a blank', 400, { name: 'a b' }],
    ['a field that is none', 400, { recurring: true }],
    ['a workflow that is not published', 404, { workflow: 'none' }],
    ['an input that it does not take', 422, { input: 7 }],
  ])('%s', async (_name, status, more) => {
    const answer = await create({ name: 'refused', ...more });
    expect([answer.status, answer.body.detail]).toEqual([status, expect.any(String)]);
  });

  test('what is not there', async () => {
    for (const method of ['GET', 'DELETE'])
      expect((await gateway.json(method, `${SCHEDULES}/none`)).status).toBe(404);
    expect((await gateway.json('PATCH', `${SCHEDULES}/none`, { paused: true })).status).toBe(404);
    expect((await gateway.json('PATCH', `${SCHEDULES}/none`, {})).status).toBe(400);
  });

  test('creating without the role, and of every tenant', async () => {
    const tokens = [
      await developmentToken(gateway.directory, 'eve', ['lead']),
      await developmentToken(gateway.directory, 'ops', ['operator'], '*'),
    ];
    for (const token of tokens) {
      const authorization = `Bearer ${token}`;
      const body = { ...daily, name: 'forbidden' };
      expect((await gateway.json('POST', SCHEDULES, body, { authorization })).status).toBe(403);
    }
  });
});
