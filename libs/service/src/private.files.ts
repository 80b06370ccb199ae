import { accessSync, chmodSync, constants, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf, errorText } from '@interlock/contracts';
import { ConfigurationError } from './configuration.js';

const OTHERS = 0o077;
/** What we keep in the data directory: files in it, and in these folders of it. */
const FOLDERS = ['gateway', 'logs', 'keys'];

/**
 * From now on what this process makes is its user's alone, and what it made in the data directory before becomes so: a log holds
 * everybody's data.
 * @throws {ConfigurationError} it cannot be used, or something there is open to others and belongs to somebody else
 */
export function keepPrivate(dataDirectory: string): void {
  process.umask(OTHERS);
  try {
    keep(dataDirectory);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError([
      `INTERLOCK_DATA_DIR: cannot use ${dataDirectory} (${errorText(error)}): set it to a directory you can read and write`,
    ]);
  }
}

function keep(dataDirectory: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  tighten(dataDirectory);
  accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const entry of readdirSync(dataDirectory, { withFileTypes: true })) {
    const path = join(dataDirectory, entry.name);
    if (entry.isFile()) tighten(path);
    if (!entry.isDirectory() || !FOLDERS.includes(entry.name)) continue;
    tighten(path);
    for (const inner of readdirSync(path, { withFileTypes: true }))
      if (inner.isFile() && entry.name !== 'keys') tighten(join(path, inner.name)); // Keys that others could read are refused, not repaired.
  }
}

function tighten(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & OTHERS) === 0) return;
  try {
    chmodSync(path, found.mode & 0o700);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return;
    throw new ConfigurationError([
      `INTERLOCK_DATA_DIR: ${path} is open to others and cannot be closed to them (${errorText(error)})`,
    ]);
  }
}
