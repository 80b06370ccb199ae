import { KeyFile, tokenKeyPath } from '@interlock/evidence';
import { type Configuration, ConfigurationError, type Log } from '@interlock/service';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { issuerFetch } from './issuer.fetch.js';
import { keySetInFile } from './key-set.file.js';

type Settings = Pick<
  Configuration,
  'INTERLOCK_MODE' | 'INTERLOCK_DATA_DIR' | 'INTERLOCK_JWKS_FILE' | 'INTERLOCK_JWKS_URL'
>;

const ASK_WITHIN_MS = 5_000;
/** Between two questions about a key that nobody knows. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** Keys that the issuer has withdrawn are trusted no longer than that. */
const KEEP_MS = 600_000;

/**
 * Where the keys that tokens are signed with come from: what the settings name, and in development without them the key that `./interlock token` signs with.
 * @throws {ConfigurationError} production without a source, or a file that cannot be used
 */
export function issuerKeys(settings: Settings, log: Pick<Log, 'warn'>): JWTVerifyGetKey {
  const { INTERLOCK_MODE, INTERLOCK_DATA_DIR, INTERLOCK_JWKS_FILE, INTERLOCK_JWKS_URL } = settings;
  const named = [
    ...(INTERLOCK_JWKS_FILE === undefined ? [] : [createLocalJWKSet(keySetInFile(INTERLOCK_JWKS_FILE))]),
    ...(INTERLOCK_JWKS_URL === undefined ? [] : [keysAt(INTERLOCK_JWKS_URL, log)]),
  ];
  const [first, second] = named;
  if (first !== undefined) return second === undefined ? first : eitherOf(first, second);
  if (INTERLOCK_MODE === 'production') {
    throw new ConfigurationError([
      'INTERLOCK_JWKS_URL: production needs it or INTERLOCK_JWKS_FILE, the public keys of whoever issues tokens',
    ]);
  }
  return developmentKeys(INTERLOCK_DATA_DIR);
}

const keysAt = (url: string, log: Pick<Log, 'warn'>): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    timeoutDuration: ASK_WITHIN_MS,
    cooldownDuration: ASK_AGAIN_AFTER_MS,
    cacheMaxAge: KEEP_MS,
    [customFetch]: issuerFetch(log),
  });

/** The second is asked for what the first does not know. */
const eitherOf =
  (first: JWTVerifyGetKey, second: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    try {
      return await first(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return second(header, token);
    }
  };

/** Follows rotations of the file. */
function developmentKeys(dataDirectory: string): JWTVerifyGetKey {
  const file = openKeyFile(tokenKeyPath(dataDirectory));
  const known = new WeakMap<object, JWTVerifyGetKey>();
  return (header, token) => {
    const { publicKeys } = file;
    let keys = known.get(publicKeys);
    if (keys === undefined) {
      keys = createLocalJWKSet({ keys: [...file.keySet().keys] });
      known.set(publicKeys, keys);
    }
    return keys(header, token);
  };
}

function openKeyFile(path: string): KeyFile {
  try {
    return KeyFile.open(path);
  } catch (error) {
    throw new ConfigurationError([`INTERLOCK_DATA_DIR: ${(error as Error).message}`]);
  }
}
