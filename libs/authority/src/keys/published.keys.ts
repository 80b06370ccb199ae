import { type KeySet, keySet } from '@interlock/contracts/http';
import { evidenceKeyPath, type KeyFile } from './key-file.js';
import { parseKeySet } from './key-set.js';
import { readSafely, replaceSafely } from './safe-file.js';

/** Beside the key that signs, for processes that hand the public keys on and must not be able to sign. */
const pathOf = (keysDirectory: string): string =>
  evidenceKeyPath(keysDirectory).replace(/\.json$/, '.public.json');

/** Publishes the keys that check heads. The process that holds the key file calls it whenever it opens or changes the file. */
export function publishKeys(keysDirectory: string, keys: KeyFile): void {
  replaceSafely(pathOf(keysDirectory), `${JSON.stringify(keys.keySet(), null, 2)}\n`);
}

/**
 * What was published last; undefined: no signer has opened its keys in this folder.
 * @throws {UnsafeFileError} others can change it
 * @throws {BrokenKeySetError}
 */
export function publishedKeys(keysDirectory: string): KeySet | undefined {
  const found = readSafely(pathOf(keysDirectory));
  if (found === undefined) return undefined;
  const set: unknown = JSON.parse(found.text);
  parseKeySet(set);
  return keySet.parse(set);
}
