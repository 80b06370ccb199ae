import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileStore } from './file/file.store.js';
import { s3PlaceOf } from './s3/s3.place.js';
import { S3Store } from './s3/s3.store.js';
import type { ValueStore } from './value.store.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Why this is no address of a store; undefined: it is one. */
export function problemOfStoreUrl(url: string, environment: Environment): string | undefined {
  try {
    openStore(url, environment);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The store at `file:FOLDER` (relative to where the process runs, or `file:///absolute`), or `s3://BUCKET/PREFIX`.
 * @throws it is no address of a store
 */
export function openStore(url: string, environment: Environment): ValueStore {
  if (url.startsWith('file:')) return new FileStore(folderOf(url));
  if (url.startsWith('s3:')) return new S3Store(s3PlaceOf(url, environment));
  throw new TypeError('is `file:FOLDER` or `s3://BUCKET/PREFIX`');
}

function folderOf(url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  const path = decodeURIComponent(url.slice('file:'.length));
  if (path === '') throw new TypeError('is `file:FOLDER`, and names no folder');
  return isAbsolute(path) ? path : resolve(path);
}
