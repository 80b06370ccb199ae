import { afterEach, beforeEach, expect, test } from 'vitest';
import { fedLog } from '../../test/fed.log.js';
import { logOf, runIds, starts } from '../../test/histories.js';
import { commands, events, expectedOf, noReport, seen } from '../../test/read-model.contract.js';
import { RedisServer } from '../../test/redis.server.js';
import { EventLog, lifeOf, ownStartOf, startRecord } from '../../test/run.records.js';
import { ReadModelUnavailableError } from '../read-model.unavailable.js';
import { runFold } from '../run.fold.js';
import { RedisReadModel } from './redis.read-model.js';

let server: RedisServer;
const models: RedisReadModel<unknown>[] = [];
beforeEach(async () => {
  server = await RedisServer.start();
});
afterEach(async () => {
  for (const model of models.splice(0)) await model.close();
  await server.remove();
});

const never = new AbortController().signal;
const open = (database = 0) => {
  const model = new RedisReadModel(`${server.url}/${database}`, runFold, fedLog, noReport);
  models.push(model as RedisReadModel<unknown>);
  return model;
};
type Model = ReturnType<typeof open>;

async function serving(database = 0): Promise<Model> {
  const model = open(database);
  await model.resume();
  await model.serve();
  return model;
}

/** Feeds both logs from where the model stands, as its inputs do. */
async function feedRest(model: Model, log: Awaited<ReturnType<typeof logOf>>): Promise<void> {
  commands(model, starts.slice((await model.startOf('run.commands', 0)).next));
  events(model, log.slice((await model.startOf('run.events', 0)).next));
  await model.serve();
}

/** All four lives to their ends, interleaved two events at a time. */
const wholeLog = () =>
  logOf(
    [1, 2, 3, 4].flatMap((round) =>
      runIds.map((run, at) => ({ run, size: 2, claims: at === round, late: at === 2 })),
    ),
  );

test('gateways at different places of the log write the same read model, and count no vote twice', async () => {
  const log = await wholeLog();
  const [fast, slow, late] = [await serving(), await serving(), open()];
  for (const record of log) {
    events(fast, [record]);
    if (record.offset % 3 === 0) events(slow, log.slice(Math.max(0, record.offset - 5), record.offset - 2));
    await fast.drain();
  }
  commands(slow, starts);
  await slow.drain();
  expect(await seen(fast)).toEqual(await expectedOf(log));
  await late.resume();
  await feedRest(late, log);
  for (let from = 0; from < log.length; from += 2) {
    events(slow, log.slice(from, from + 2));
    await slow.drain();
  }
  commands(fast, starts);
  for (const model of [fast, slow, late]) expect(await seen(model)).toEqual(await expectedOf(log));
});

test('a gateway that is behind is told what others have stored: waits end, and starts of its own are let go', async () => {
  const [fast, slow] = [await serving(), await serving()];
  const log = new EventLog();
  slow.accept(ownStartOf(startRecord('a', 0)));
  const settled = slow.settled('a', never);
  await log.append(lifeOf('a').map((event) => ['a', event] as const));
  events(fast, log.records);
  await fast.drain();
  commands(slow, [startRecord('a', 0)]);
  expect((await settled)?.status).toBe('completed');
  expect(JSON.parse(await slow.list({ reach: '*', limit: 5 })).items).toHaveLength(1);
});

test('after FLUSHALL nothing is answered that is not so: reads are refused until the log was read again', async () => {
  const log = await wholeLog();
  const [one, two] = [await serving(), await serving()];
  await feedRest(one, log);
  await feedRest(two, log);
  await server.command('FLUSHALL');
  await expect(one.run('a')).rejects.toThrow(ReadModelUnavailableError);
  await expect(one.list({ reach: '*', limit: 1 })).rejects.toThrow(ReadModelUnavailableError);
  expect(await one.lost(never)).toMatch(/is gone/);
  expect(await two.lost(never)).toMatch(/is gone/);
  for (const model of [one, two]) {
    await model.resume();
    await expect(model.run('a')).rejects.toThrow(/being read again/);
  }
  expect((await one.startOf('run.events', 0)).next).toBe(0);
  await feedRest(one, log);
  expect(await seen(one)).toEqual(await expectedOf(log));
  await feedRest(two, log);
  expect(await seen(two)).toEqual(await expectedOf(log));
});

test('FLUSHALL between two batches loses no record: what came after it is not taken for the whole', async () => {
  const log = await wholeLog();
  const model = await serving();
  events(model, log.slice(0, 5));
  await model.drain();
  await server.command('FLUSHALL');
  events(model, log.slice(5));
  await expect(model.drain()).rejects.toThrow(ReadModelUnavailableError);
  await model.resume();
  await feedRest(model, log);
  expect(await seen(model)).toEqual(await expectedOf(log));
});

test('a Redis that is killed is said to be unavailable, and filled again when it is back', async () => {
  const log = await wholeLog();
  const model = await serving();
  await feedRest(model, log);
  await server.kill();
  expect(await model.lost(never)).toMatch(/127\.0\.0\.1/);
  await expect(model.run('a')).rejects.toThrow(ReadModelUnavailableError);
  await expect(model.resume()).rejects.toThrow(ReadModelUnavailableError);
  await server.run();
  await model.resume();
  await feedRest(model, log);
  expect(await seen(model)).toEqual(await expectedOf(log));
});

test('a Redis that comes back with an older copy is read on from there', async () => {
  const log = await wholeLog();
  const model = await serving();
  events(model, log.slice(0, 6));
  commands(model, starts);
  await model.drain();
  await server.command('SAVE');
  const saved = (await seen(model)).lists;
  events(model, log.slice(6));
  await model.drain();
  await server.kill();
  await server.run();
  await model.lost(never);
  await model.resume();
  expect((await model.startOf('run.events', 0)).next).toBeGreaterThan(0);
  expect((await model.startOf('run.events', 0)).next).toBeLessThan(log.length);
  await model.serve();
  expect((await seen(model)).lists).toEqual(saved);
  events(model, log.slice((await model.startOf('run.events', 0)).next));
  expect(await seen(model)).toEqual(await expectedOf(log));
});

test('a wait outlives the loss of Redis', async () => {
  const model = await serving();
  const log = new EventLog();
  const settled = model.settled('a', never);
  await server.command('FLUSHALL');
  await model.lost(never);
  const later = model.grown('a', 0, never);
  await log.append(lifeOf('a').map((event) => ['a', event] as const));
  const other = await serving();
  events(other, log.records);
  await other.drain();
  await model.resume();
  await model.serve();
  expect((await settled)?.status).toBe('completed');
  await later;
});

test('rows that were deleted by hand make it begin anew', async () => {
  const log = await wholeLog();
  const model = await serving();
  events(model, log.slice(0, 4));
  await model.drain();
  const keys = (await server.command('KEYS', '*:places:*')) as string[];
  expect(keys.length).toBeGreaterThan(0);
  await server.command('DEL', ...keys);
  events(model, log.slice(4));
  await expect(model.drain()).rejects.toThrow(ReadModelUnavailableError);
  await model.resume();
  expect((await model.startOf('run.events', 0)).next).toBe(0);
  await feedRest(model, log);
  expect(await seen(model)).toEqual(await expectedOf(log));
});

test('what a read model of another log has left is deleted, once, by whoever comes first', async () => {
  const log = await wholeLog();
  const [one, two] = [await serving(), await serving()];
  await feedRest(one, log);
  await feedRest(two, log);
  const before = (await server.command('KEYS', '*')) as string[];
  await one.clear();
  await expect(two.clear()).rejects.toThrow(ReadModelUnavailableError);
  await expect.poll(async () => server.command('DBSIZE')).toBe(1);
  expect(before.length).toBeGreaterThan(10);
  await feedRest(one, log);
  expect(await seen(one)).toEqual(await expectedOf(log));
});

test('whoever else uses the same Redis keeps what is theirs, and another log has a database of its own', async () => {
  await server.command('SET', 'interlock:read-model-of-somebody', 'theirs');
  await server.command('SET', 'sessions:1', 'theirs');
  const log = await wholeLog();
  const [ours, others] = [await serving(), await serving(1)];
  await feedRest(ours, log);
  await feedRest(others, log.slice(0, 6));
  const before = await seen(others);
  await ours.clear();
  await expect.poll(async () => server.command('DBSIZE')).toBe(3);
  await feedRest(ours, log);
  const keys = (await server.command('KEYS', '*')) as string[];
  const foreign = keys.filter((key) => !key.startsWith('interlock:read-model:'));
  expect(foreign.sort()).toEqual(['interlock:read-model-of-somebody', 'sessions:1']);
  expect(await seen(others)).toEqual(before);
});

test('a Redis that drops keys on its own, or has no room, is refused by name', async () => {
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(open().resume()).rejects.toThrow(/allkeys-lru.*noeviction/);
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  const model = await serving();
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  events(model, await wholeLog());
  await expect(model.drain()).rejects.toThrow(/maxmemory/);
});

test('a log that comes faster than Redis takes it fills no memory: it is read again at its pace', async () => {
  const model = await serving();
  const log = new EventLog();
  for (let at = 0; at < 300; at++)
    await log.append(lifeOf(`run-${at}`).map((event) => [`run-${at}`, event] as const));
  const flood = Math.ceil(20_000 / log.records.length) + 1;
  for (let at = 0; at < flood; at++) events(model, log.records);
  expect(await model.lost(never)).toMatch(/takes less/);
  await model.resume();
  events(model, log.records.slice((await model.startOf('run.events', 0)).next));
  await model.serve();
  expect(JSON.parse(await model.list({ reach: '*', limit: 500, status: 'completed' })).items).toHaveLength(
    300,
  );
});
