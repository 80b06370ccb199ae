import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileStore } from './file/file.store.js';
import type { ValueStore } from './value.store.js';

/** Why this is no address of a store; undefined: it is one. */
export function problemOfStoreUrl(url: string): string | undefined {
  try {
    openStore(url);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The store at `file:FOLDER` (relative to where the process runs, or `file:///absolute`).
 * @throws it is no address of a store
 */
export function openStore(url: string): ValueStore {
  if (url.startsWith('file:')) return new FileStore(folderOf(url));
  throw new TypeError('is `file:FOLDER`');
}

function folderOf(url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  const path = decodeURIComponent(url.slice('file:'.length));
  if (path === '') throw new TypeError('is `file:FOLDER`, and names no folder');
  return isAbsolute(path) ? path : resolve(path);
}
