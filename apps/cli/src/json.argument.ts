import { readFile } from 'node:fs/promises';
import { described, errorCodeOf, errorText, readValue } from '@interlock/contracts';
import { UsageError } from './command.js';

/**
 * The value of an option that is JSON, or names the file that holds it.
 * @throws {UsageError} neither of the two
 */
export async function readJson(option: string, given: string): Promise<unknown> {
  const isText = isJson(given);
  const text = isText ? given : await readText(option, given, 'Give a file, or JSON in quotes.');
  const read = readValue(text);
  if (read.ok) return read.value;
  throw new UsageError(`${option}${isText ? '' : ` ${given}`} cannot be taken: ${described(read.problem)}`);
}

const isJson = (given: string): boolean =>
  /^\s*[[{"]/.test(given) || /^\s*(null|true|false|-?\d[\d.eE+-]*)\s*$/.test(given);

/** @throws {UsageError} it cannot be read */
export async function readText(what: string, file: string, advice = ''): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${what} ${file} ${unreadable(error)}. ${advice}`.trimEnd());
  }
}

/** Why a file cannot be read, for people. */
export function unreadable(error: unknown): string {
  switch (errorCodeOf(error)) {
    case 'ENOENT':
      return 'is not there';
    case 'EISDIR':
      return 'is a folder: name a file';
    default:
      return `cannot be read (${errorText(error)})`;
  }
}
