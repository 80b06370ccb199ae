import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DirectoryInUseError } from './errors.js';

const SQLITE_BUSY = 5;

/**
 * Holds a directory for this process alone. The lock is SQLite's own on a file of its own: the operating system lets go of it when the
 * process ends, however it ends, so there is no stale lock. The pid beside it only serves the message for the second process.
 *
 * @throws {DirectoryInUseError} somebody else holds it
 */
export function lockDirectory(directory: string): { release(): void } {
  const pidFile = join(directory, 'lock.pid');
  const database = new DatabaseSync(join(directory, 'lock.db'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new DirectoryInUseError(directory, readPid(pidFile));
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    // The holder has the lock but has not written its pid yet.
    return undefined;
  }
}
