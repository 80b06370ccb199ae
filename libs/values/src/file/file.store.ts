import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { familyNamed, hashOfAddress, isHash, nameOfFamily } from '../address.js';
import {
  type StoredEntry,
  StoreUnavailableError,
  type ValueAddress,
  type ValueStore,
} from '../value.store.js';

/**
 * A directory: a folder a family, a file a value.
 *
 *   F1  A file under its name is whole and on the disk: it is written and synced beside, renamed, and then its folder is synced.
 *   F2  What a crash leaves beside is removed when its family is listed, once it is old.
 */
export class FileStore implements ValueStore {
  constructor(
    readonly folder: string,
    private readonly now: () => number = Date.now,
  ) {}

  put(at: ValueAddress, bytes: Uint8Array): Promise<void> {
    return this.#told('write', async () => {
      const folder = await this.#made(at.family);
      const path = join(folder, hashOfAddress(at));
      const beside = `${path}${BESIDE}${randomBytes(6).toString('hex')}`;
      await writeSynced(beside, bytes);
      await rename(beside, path);
      await syncFolder(folder);
    });
  }

  get(at: ValueAddress): Promise<Uint8Array | undefined> {
    const path = join(this.#folderOf(at.family), hashOfAddress(at));
    return this.#told('read', () => readFile(path).catch(absent));
  }

  families(after: string | undefined, max: number): Promise<readonly string[]> {
    return this.#told('list', async () => {
      const names = ((await readdir(this.folder).catch(absent)) ?? []).sort();
      const from = after === undefined ? '' : nameOfFamily(after);
      return names
        .filter((name) => name > from)
        .slice(0, max)
        .map(familyNamed);
    });
  }

  list(family: string): Promise<readonly StoredEntry[]> {
    return this.#told('list', async () => {
      const folder = this.#folderOf(family);
      const names = (await readdir(folder).catch(absent)) ?? [];
      const found = await Promise.all(names.map((name) => this.#entry(folder, family, name)));
      return found.filter((entry) => entry !== undefined);
    });
  }

  remove(at: ValueAddress): Promise<void> {
    return this.#told('remove', async () => {
      const folder = this.#folderOf(at.family);
      await unlink(join(folder, hashOfAddress(at))).catch(absent);
      await syncFolder(folder).catch(absent);
      // The last one takes the folder along.
      await rmdir(folder).catch(() => undefined);
    });
  }

  check(): Promise<void> {
    return this.#told('make', async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await readdir(this.folder);
    });
  }

  #folderOf(family: string): string {
    return join(this.folder, nameOfFamily(family));
  }

  async #made(family: string): Promise<string> {
    const folder = this.#folderOf(family);
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined) await syncFolder(this.folder);
    return folder;
  }

  async #entry(folder: string, family: string, name: string): Promise<StoredEntry | undefined> {
    const found = await stat(join(folder, name)).catch(absent);
    if (found === undefined) return undefined;
    if (isHash(name)) return { family, hash: name, size: found.size, writtenAt: found.mtimeMs };
    const isLeft = name.includes(BESIDE) && this.now() - found.mtimeMs > LEFT_MS;
    if (isLeft) await rm(join(folder, name), { force: true }); // F2
    return undefined;
  }

  async #told<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RangeError) throw error;
      throw new StoreUnavailableError(`cannot ${what} in ${this.folder}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** Between the name of a value and a random part, while it is written. */
const BESIDE = '.part-';
const LEFT_MS = 3_600_000;

// F1
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  await file.close();
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
