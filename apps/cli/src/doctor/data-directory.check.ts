import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Finding } from './finding.js';

/** Below this the embedded log stops soon. */
const FREE_BYTES_MIN = 1024 ** 3;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** A directory that is not there is made by the first start, so it is nothing to complain about. */
export async function dataDirectory(path: string): Promise<Finding[]> {
  const check = 'data directory';
  const full = resolve(path);
  const found = await statOf(full);
  if (found === undefined) return [{ check, ok: true, detail: `${full} is made by the first start` }];
  const advice = `Name another one in INTERLOCK_DATA_DIR, or give it to this user: chown ${userName()} ${full}`;
  if (!found.isDirectory()) return [{ check, ok: false, detail: `${full} is no directory`, advice }];
  try {
    await access(full, constants.R_OK | constants.W_OK | constants.X_OK);
    return [{ check, ok: true, detail: full }];
  } catch {
    return [{ check, ok: false, detail: `${full} cannot be read and written by this user`, advice }];
  }
}

/** Keys sign tokens and evidence: nobody but their owner may read them, nobody else may put others in their place. */
export async function keyFiles(keysDirectory: string): Promise<Finding[]> {
  const folder = resolve(keysDirectory);
  const found = await statOf(folder);
  if (found === undefined) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const open = [
    ...modeFinding(folder, found.mode, OTHERS_WRITE, '700'),
    ...(await Promise.all(names.map((name) => keyFinding(join(folder, name))))).flat(),
  ];
  if (open.length > 0) return open;
  return [{ check: 'keys', ok: true, detail: names.join(', ') || 'none yet' }];
}

async function keyFinding(path: string): Promise<Finding[]> {
  const found = await statOf(path);
  return found === undefined ? [] : modeFinding(path, found.mode, OTHERS, '600');
}

function modeFinding(path: string, mode: number, forbidden: number, wanted: string): Finding[] {
  if ((mode & forbidden) === 0) return [];
  const detail = `${path} is open to others (mode ${(mode & 0o777).toString(8)})`;
  return [{ check: 'keys', ok: false, detail, advice: `chmod ${wanted} ${path}` }];
}

/** Of the disk that holds the directory, or would. */
export async function diskSpace(directory: string): Promise<Finding[]> {
  const full = resolve(directory);
  const at = (await statOf(full)) === undefined ? resolve(full, '..') : full;
  const disk = await statfs(at).catch(() => undefined);
  if (disk === undefined) return [];
  const free = disk.bavail * disk.bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free for ${full}`;
  return [
    { check: 'disk', ok: free >= FREE_BYTES_MIN, detail, advice: 'Make room: a full disk stops the log.' },
  ];
}

const statOf = (path: string) => stat(path).catch(() => undefined);
const userName = (): string => process.env.USER ?? '$USER';
