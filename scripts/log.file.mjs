// A log file that does not grow without end: it is set aside when it is full, and the oldest of those that were is deleted.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { plain } from '@interlock/contracts';
import { refuse } from './arguments.mjs';

/** A file and four that were set aside: 50 MB for each process at most. docs/operations.md says so. */
const BYTES_MAX = 10 * 1024 * 1024;
const SET_ASIDE_MAX = 4;

/**
 * Opens `file` for appending; creates its directory. Full files become `file.1` (the newest) to `file.4`.
 * A directory that cannot be created ends this process with a sentence and exit code 2.
 * @param {string} file
 * @param {number} bytesMax of one file; a single line may be longer
 */
export function openLogFile(file, bytesMax = BYTES_MAX) {
  createDirectory(dirname(file));
  let open;
  let size = 0;
  let isBroken = false;

  function begin() {
    open = openSync(file, 'a', 0o600);
    size = fstatSync(open).size;
  }

  /** What cannot be set aside grows on, and is tried again after as much again. */
  function setAside() {
    const full = open;
    // Its number is given to the next file that anything opens.
    open = undefined;
    closeSync(full);
    let isStuck = false;
    try {
      for (let age = SET_ASIDE_MAX; age > 0; age -= 1)
        rename(age === 1 ? file : `${file}.${age - 1}`, `${file}.${age}`);
    } catch (error) {
      isStuck = true;
      process.stderr.write(`${file} cannot be set aside (${plain(error.message)}): it grows on\n`);
    }
    begin();
    if (isStuck) size = 0;
  }

  return {
    /** Writes a line. A full disk loses lines of a log, says so once, and ends nobody for it. */
    write(line) {
      try {
        if (open === undefined) begin();
        const bytes = Buffer.from(`${line}\n`);
        if (size > 0 && size + bytes.length > bytesMax) setAside();
        writeSync(open, bytes);
        size += bytes.length;
        isBroken = false;
      } catch (error) {
        if (!isBroken)
          process.stderr.write(
            `${file} cannot be written (${plain(error.message)}): lines of this log are lost\n`,
          );
        isBroken = true;
      }
    },
  };
}

function rename(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** One that cannot be created ends this process with a sentence and exit code 2. */
export function createDirectory(directory) {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    refuse(
      `cannot create ${directory} (${plain(error.message)}): set INTERLOCK_DATA_DIR to a directory you can write to`,
    );
  }
}
