import { mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { bytesOf, valueStoreContract } from '../contract/value.store.contract.js';
import { StoreUnavailableError } from '../value.store.js';
import { FileStore } from './file.store.js';

const freshFolder = () => mkdtemp(join(tmpdir(), 'interlock-values-'));

valueStoreContract('a directory', async () => {
  const folder = join(await freshFolder(), 'values');
  return { store: new FileStore(folder), again: () => new FileStore(folder) };
});

test('what a crash has left beside its values is removed once it is old, and is no value before', async () => {
  const folder = await freshFolder();
  const store = new FileStore(folder);
  const hash = sha256('one');
  await store.put({ family: 'run-1', hash }, bytesOf('one'));
  const left = join(folder, 'run-1', `${hash}.part-0a`);
  await writeFile(left, 'on');
  expect(await store.list('run-1')).toHaveLength(1);
  expect(await readdir(join(folder, 'run-1'))).toHaveLength(2);
  await utimes(left, new Date(0), new Date(0));
  await store.list('run-1');
  expect(await readdir(join(folder, 'run-1'))).toEqual([hash]);
});

test('a folder that cannot be written is said to be unavailable', async () => {
  const file = join(await freshFolder(), 'a-file');
  await writeFile(file, '');
  const store = new FileStore(file);
  await expect(store.put({ family: 'run-1', hash: sha256('x') }, bytesOf('x'))).rejects.toThrow(
    StoreUnavailableError,
  );
  await expect(store.check()).rejects.toThrow(file);
});
