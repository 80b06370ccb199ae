import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { evidenceKeyPath, KeyFile, keysDirectoryOf, parseKeySet } from '@interlock/authority';
import { type Client, RefusedError, UnreachableError } from '../client.js';
import { type Environment, UsageError } from '../command.js';

export interface PublicKeys {
  /** By id; undefined: none was found. */
  readonly keys: ReadonlyMap<string, KeyObject> | undefined;
  /** Where they were looked for, and what was there. */
  readonly looked: readonly string[];
}

type Found = ReadonlyMap<string, KeyObject>;

/**
 * Keys to check signatures with: those of the file if one is named, else the server's and those of this installation.
 * @throws {UsageError} the file cannot be read or holds no key set
 */
export async function publicKeys(
  file: string | undefined,
  client: Client,
  environment: Environment,
): Promise<PublicKeys> {
  if (file !== undefined) return summed([[file, keysIn(file)]]);
  const directory = keysDirectoryOf(environment);
  return summed([
    [`${client.url}/v1/keys`, await served(client)],
    [evidenceKeyPath(directory), kept(directory)],
  ]);
}

function summed(sources: readonly (readonly [name: string, found: Found | string])[]): PublicKeys {
  const keys = new Map(sources.flatMap(([, found]) => (typeof found === 'string' ? [] : [...found])));
  const looked = sources.map(
    ([name, found]) => `${name}: ${typeof found === 'string' ? found : `${found.size} keys`}`,
  );
  return { keys: keys.size === 0 ? undefined : keys, looked };
}

function keysIn(file: string): Found {
  try {
    return parseKeySet(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`--keys ${file}: ${(error as Error).message}\nIt is what GET /v1/keys answers.`);
  }
}

/** The server's keys, or why there are none. */
async function served(client: Client): Promise<Found | string> {
  try {
    return parseKeySet((await client.get('/v1/keys')).body);
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError) return error.message;
    return codeOf(error) === 'keys.broken_set' ? (error as Error).message : Promise.reject(error);
  }
}

/** The keys of this installation, or why there are none. */
function kept(directory: string): Found | string {
  try {
    return KeyFile.find(evidenceKeyPath(directory))?.publicKeys ?? 'no such file';
  } catch (error) {
    return (error as Error).message;
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
