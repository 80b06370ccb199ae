import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { evidenceKeyPath, KeyFile, keysDirectoryOf, parseKeySet } from '@interlock/authority';
import { errorCodeOf, errorText } from '@interlock/contracts';
import { type Client, RefusedError, UnreachableError } from '../client.js';
import { type Environment, UsageError } from '../command.js';

export interface PublicKeys {
  /** By id; undefined: none was found. */
  readonly keys: ReadonlyMap<string, KeyObject> | undefined;
  /** Where they were looked for, and what was there. */
  readonly looked: readonly string[];
  /** Where they come from, and so who vouches for them. */
  readonly from: KeySource;
}

/** pinned: of the file that was named. installation: of the key folder here. server: of the very server that may be checked. */
export type KeySource = 'pinned' | 'installation' | 'server';

type Found = ReadonlyMap<string, KeyObject>;

/**
 * Keys to check signatures with: those of the file if one is named, else those of this installation, else the server's. A compromised
 * server would serve its own keys, so the server's are used only when there are no others.
 * @throws {UsageError} the file cannot be read or holds no key set
 */
export async function publicKeys(
  file: string | undefined,
  client: Client,
  environment: Environment,
): Promise<PublicKeys> {
  if (file !== undefined) return summed('pinned', [[file, keysIn(file)]]);
  const directory = keysDirectoryOf(environment);
  const here = [evidenceKeyPath(directory), kept(directory)] as const;
  if (typeof here[1] !== 'string') return summed('installation', [here]);
  return summed('server', [[`${client.url}/v1/keys`, await served(client)], here]);
}

function summed(
  from: KeySource,
  sources: readonly (readonly [name: string, found: Found | string])[],
): PublicKeys {
  const keys = new Map(sources.flatMap(([, found]) => (typeof found === 'string' ? [] : [...found])));
  const looked = sources.map(
    ([name, found]) => `${name}: ${typeof found === 'string' ? found : `${found.size} keys`}`,
  );
  return { keys: keys.size === 0 ? undefined : keys, looked, from };
}

function keysIn(file: string): Found {
  try {
    return parseKeySet(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`--keys ${file}: ${errorText(error)}\nIt is what GET /v1/keys answers.`);
  }
}

/** The server's keys, or why there are none. */
async function served(client: Client): Promise<Found | string> {
  try {
    return parseKeySet((await client.get('/v1/keys')).body);
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError) return error.message;
    return errorCodeOf(error) === 'keys.broken_set' ? errorText(error) : Promise.reject(error);
  }
}

/** The keys of this installation, or why there are none. */
function kept(directory: string): Found | string {
  try {
    return KeyFile.find(evidenceKeyPath(directory))?.publicKeys ?? 'no such file';
  } catch (error) {
    return errorText(error);
  }
}
