import { sha256 } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import type { ValueStore } from '../value.store.js';

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const at = (family: string, text: string) => ({ family, hash: sha256(text) });

/** What every store promises. @param freshStore empty; the same one, opened again, with `again` */
export function valueStoreContract(
  name: string,
  freshStore: () => Promise<{ readonly store: ValueStore; again(): ValueStore }>,
): void {
  describe(`the store: ${name}`, () => {
    test('gives back the very bytes that were put, also once it is opened again', async () => {
      const { store, again } = await freshStore();
      await store.put(at('run-1', 'one'), bytesOf('one'));
      expect(Buffer.from((await store.get(at('run-1', 'one'))) ?? []).toString()).toBe('one');
      expect(Buffer.from((await again().get(at('run-1', 'one'))) ?? []).toString()).toBe('one');
    });

    test('says that it has no such value', async () => {
      const { store } = await freshStore();
      expect(await store.get(at('run-1', 'never'))).toBeUndefined();
      await store.put(at('run-1', 'one'), bytesOf('one'));
      expect(await store.get(at('run-2', 'one'))).toBeUndefined();
    });

    test('takes the same value again, and knows a new time of it', async () => {
      const { store } = await freshStore();
      await store.put(at('run-1', 'one'), bytesOf('one'));
      const [first] = await store.list('run-1');
      await store.put(at('run-1', 'one'), bytesOf('one'));
      const [second, ...others] = await store.list('run-1');
      expect(others).toEqual([]);
      expect(second).toMatchObject({ family: 'run-1', hash: sha256('one'), size: 3 });
      expect(second?.writtenAt).toBeGreaterThanOrEqual(first?.writtenAt ?? Number.NaN);
    });

    test('removes a value from its family, and from no other', async () => {
      const { store } = await freshStore();
      await store.put(at('run-1', 'one'), bytesOf('one'));
      await store.put(at('run-2', 'one'), bytesOf('one'));
      await store.remove(at('run-1', 'one'));
      await store.remove(at('run-1', 'one'));
      expect(await store.get(at('run-1', 'one'))).toBeUndefined();
      expect(await store.get(at('run-2', 'one'))).toBeDefined();
      expect(await store.list('run-1')).toEqual([]);
    });

    test('lists families in their order, some at a time', async () => {
      const { store } = await freshStore();
      for (const family of ['run-c', 'run-a', 'run-b']) await store.put(at(family, 'x'), bytesOf('x'));
      expect(await store.families(undefined, 2)).toEqual(['run-a', 'run-b']);
      expect(await store.families('run-b', 2)).toEqual(['run-c']);
      expect(await store.families('run-c', 2)).toEqual([]);
    });

    test('takes ids of runs that are no names of files', async () => {
      const { store } = await freshStore();
      const family = '../..\\a b/ü*';
      await store.put(at(family, 'x'), bytesOf('x'));
      expect(await store.families(undefined, 9)).toEqual([family]);
      expect(await store.list(family)).toHaveLength(1);
    });

    test('takes no name that is not a hash', async () => {
      const { store } = await freshStore();
      const wrong = { family: 'run-1', hash: '../../etc/passwd' };
      await expect((async () => store.get(wrong))()).rejects.toThrow(RangeError);
      await expect((async () => store.put(wrong, bytesOf('x')))()).rejects.toThrow(RangeError);
    });

    test('keeps a value of 16 MB whole', async () => {
      const { store } = await freshStore();
      const bytes = new Uint8Array(16 * 1024 * 1024).map((_, index) => (index * 31) % 251);
      const address = { family: 'run-1', hash: sha256(bytes) };
      await store.put(address, bytes);
      expect(sha256((await store.get(address)) ?? new Uint8Array())).toBe(address.hash);
    });

    test('answers when it is asked whether it is there', async () => {
      await (await freshStore()).store.check();
    });
  });
}
