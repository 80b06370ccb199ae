import { describe, expect, test } from 'vitest';
import { MemoryStore } from './memory.store.js';
import { Shelf } from './shelf.js';
import { StoreUnavailableError } from './value.store.js';
import { Values } from './values.js';

const MB = 1024 * 1024;
const limits = { valueBytesMax: MB, familyBytesMax: 4 * MB, shelfBytesMax: MB };
const now = { withinMs: 0 };
const value = { rows: [1, 2, 'drei'] };

describe('values', () => {
  test('are named by the hash of their JSON, and come back as they were', async () => {
    const store = new MemoryStore();
    const stored = await new Values(store, limits).keep('run-1', value, now);
    expect(stored.size).toBe(JSON.stringify(value).length);
    expect(await new Values(store, limits).load('run-1', stored, now)).toEqual(value);
  });

  test('are read once, and then are at hand', async () => {
    const store = new MemoryStore();
    const values = new Values(store, limits);
    const stored = await values.keep('run-1', value, now);
    await store.remove({ family: 'run-1', hash: stored.hash });
    expect(await values.load('run-1', stored, now)).toEqual(value);
  });

  test('that are missing or altered are named, and not waited for', async () => {
    const store = new MemoryStore();
    const stored = await new Values(store, limits).keep('run-1', value, now);
    const reader = new Values(store, limits);
    const patient = { withinMs: 60_000 };
    await expect(reader.load('run-2', stored, patient)).rejects.toMatchObject({ code: 'value.missing' });
    await store.put({ family: 'run-1', hash: stored.hash }, Buffer.from('{"rows":[1,2,"fünf"]}'));
    await expect(reader.load('run-1', stored, patient)).rejects.toMatchObject({ code: 'value.altered' });
  });

  test('of a store that is away are asked for again, as long as somebody waits', async () => {
    const store = new MemoryStore();
    const stored = await new Values(store, limits).keep('run-1', value, now);
    let away = 2;
    const flaky = Object.assign(Object.create(store) as MemoryStore, {
      get: async (at: { family: string; hash: string }) => {
        away -= 1;
        if (away >= 0) throw new StoreUnavailableError('503');
        return store.get(at);
      },
    });
    expect(await new Values(flaky, limits).load('run-1', stored, { withinMs: 5_000 })).toEqual(value);
    away = 2;
    await expect(new Values(flaky, limits).load('run-1', stored, now)).rejects.toMatchObject({
      code: 'value.unavailable',
    });
  });

  test('of a family are erased together, those of another stay, and every service knows that they are not lost', async () => {
    const store = new MemoryStore();
    const values = new Values(store, limits);
    const stored = await values.keep('run-1', value, now);
    await values.keep('run-2', value, now);
    const held = { values: 1, bytes: stored.size };
    expect(await values.count('run-1', now)).toEqual(held);
    expect(await values.erase('run-1', now)).toEqual(held);
    for (const reader of [values, new Values(store, limits)])
      await expect(reader.load('run-1', stored, now)).rejects.toMatchObject({ code: 'value.erased' });
    expect(await values.count('run-1', now)).toEqual({ values: 0, bytes: 0 });
    expect(await values.erase('run-1', now)).toEqual({ values: 0, bytes: 0 });
    expect(await values.load('run-2', stored, now)).toEqual(value);
  });

  test('of a run whose id no store takes as a name are none', async () => {
    const values = new Values(new MemoryStore(), limits);
    expect(await values.erase(':'.repeat(100), now)).toEqual({ values: 0, bytes: 0 });
  });

  test('that were never there leave nothing behind when they are erased', async () => {
    const store = new MemoryStore();
    await new Values(store, limits).erase('run-1', now);
    expect(await store.families(undefined, 9)).toEqual([]);
  });
});

test('a shelf holds what was used last, within its bytes', () => {
  const shelf = new Shelf(10);
  shelf.put({ hash: 'a', size: 4 }, 'A');
  shelf.put({ hash: 'b', size: 4 }, 'B');
  shelf.get({ hash: 'a' });
  shelf.put({ hash: 'c', size: 4 }, 'C');
  expect(shelf.get({ hash: 'b' })).toBeUndefined();
  expect(shelf.get({ hash: 'a' })).toMatchObject({ value: 'A' });
  shelf.put({ hash: 'd', size: 40 }, 'D');
  expect(shelf.get({ hash: 'd' })).toMatchObject({ value: 'D' });
  expect(shelf.bytes).toBe(40);
});

test('a shelf lets go of what nobody has used for a while', () => {
  let time = 0;
  const shelf = new Shelf(100, () => time);
  shelf.put({ hash: 'a', size: 4 }, 'A');
  shelf.put({ hash: 'b', size: 4 }, 'B');
  time = 50;
  shelf.get({ hash: 'a' });
  time = 100;
  shelf.forgetUnused(60);
  expect(shelf.get({ hash: 'b' })).toBeUndefined();
  expect(shelf.get({ hash: 'a' })).toMatchObject({ value: 'A' });
});
