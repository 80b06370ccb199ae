/**
 * A small secret on disk.
 *
 * S1. Nobody but its owner can read it, or put another one in its place: else it is refused, not repaired.
 * S2. It is there whole or not at all, whoever dies and whoever races: written beside, synced, then linked or renamed.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type CodeOf, errorCodeOf } from '@interlock/contracts';

const OTHERS_ANY = 0o077;
const OTHERS_WRITE = 0o022;
const OWNER_ONLY = 0o600;

/** Others can read or replace the file; the message says what to type. */
export class UnsafeFileError extends Error {
  readonly code = 'keys.unsafe' satisfies CodeOf<'fault'>;

  constructor(
    readonly path: string,
    why: string,
  ) {
    super(`${path} ${why}`);
    this.name = 'UnsafeFileError';
  }
}

export interface SafeText {
  readonly text: string;
  /** Changes whenever the file is replaced. */
  readonly version: string;
}

/**
 * The file's text; undefined: there is none.
 * @throws {UnsafeFileError} S1
 */
export function readSafely(path: string): SafeText | undefined {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file);
    checkFile(path, stats);
    checkDirectory(dirname(path));
    return { text: readFileSync(file, 'utf8'), version: versionOf(stats) };
  } finally {
    closeSync(file);
  }
}

/** Of the file as it is now; undefined: there is none. */
export function versionAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && versionOf(stats);
}

/**
 * Writes a file that is not there yet. Of several that try at once, one does.
 * @returns whether it was this call
 */
export function createSafely(path: string, text: string): boolean {
  return beside(path, text, (written) => {
    try {
      linkSync(written, path);
      return true;
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Puts `text` in the place of what is there. */
export function replaceSafely(path: string, text: string): void {
  beside(path, text, (written) => renameSync(written, path));
}

function beside<T>(path: string, text: string, place: (written: string) => T): T {
  const directory = dirname(path);
  mkdirSync(dirname(directory), { recursive: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const written = `${path}.${randomUUID()}`;
  try {
    const file = openSync(written, 'wx', OWNER_ONLY);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return place(written);
  } finally {
    rmSync(written, { force: true });
    syncDirectory(directory);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    if (errorCodeOf(error) === 'ELOOP')
      throw new UnsafeFileError(path, 'is a symbolic link; put the file itself here');
    throw error;
  }
}

function checkFile(path: string, { mode, uid }: Stats): void {
  if (!isFile(mode)) throw new UnsafeFileError(path, 'is not a file');
  if ((mode & OTHERS_ANY) !== 0) {
    throw new UnsafeFileError(path, `can be used by others (mode ${octal(mode)}): chmod 600 ${path}`);
  }
  if (!isOurs(uid)) throw new UnsafeFileError(path, `belongs to user ${uid}, not to the one this runs as`);
}

function checkDirectory(path: string): void {
  const { mode, uid } = statSync(path);
  if ((mode & OTHERS_WRITE) !== 0) {
    throw new UnsafeFileError(path, `can be changed by others (mode ${octal(mode)}): chmod 700 ${path}`);
  }
  if (!isOurs(uid)) throw new UnsafeFileError(path, `belongs to user ${uid}, not to the one this runs as`);
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

const isFile = (mode: number): boolean => (mode & constants.S_IFMT) === constants.S_IFREG;
const isOurs = (uid: number): boolean => uid === 0 || uid === process.geteuid?.();
const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
const versionOf = ({ ino, mtimeMs, size }: Stats): string => `${ino}.${mtimeMs}.${size}`;
