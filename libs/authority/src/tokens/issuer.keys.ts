import { errorText } from '@interlock/contracts';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { KeyFile, tokenKeyPath } from '../keys/key-file.js';
import { TrustSettingsError } from '../refusal.js';
import { issuerFetch, type Warn } from './issuer.fetch.js';
import { keySetInFile } from './key-set.file.js';

/** The same for every service: what one takes for a token, all do. */
export interface IssuerSettings {
  readonly INTERLOCK_MODE: 'development' | 'production';
  readonly INTERLOCK_KEYS_DIR: string;
  readonly INTERLOCK_JWKS_FILE?: string | undefined;
  readonly INTERLOCK_JWKS_URL?: string | undefined;
}

const ASK_WITHIN_MS = 5_000;
/** The issuer is asked about an unknown key at most once in this time, ms. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** Keys of the issuer are trusted for this long, ms, so one that it has withdrawn is not trusted for ever. */
const KEEP_MS = 600_000;

/**
 * Where the keys that tokens are signed with come from: what the settings name, and in development without them the key that `./interlock token` signs with.
 * @param modules whether what modules say is taken too, which is signed with that key whatever the settings name
 * @throws {TrustSettingsError} production without a source, or a file that cannot be used
 */
export function issuerKeys(settings: IssuerSettings, warn: Warn, modules = false): JWTVerifyGetKey {
  const { INTERLOCK_MODE, INTERLOCK_KEYS_DIR, INTERLOCK_JWKS_FILE, INTERLOCK_JWKS_URL } = settings;
  const sources = [
    ...(modules ? [developmentKeys(INTERLOCK_KEYS_DIR)] : []),
    ...(INTERLOCK_JWKS_FILE === undefined ? [] : [createLocalJWKSet(keySetInFile(INTERLOCK_JWKS_FILE))]),
    ...(INTERLOCK_JWKS_URL === undefined ? [] : [keysAt(INTERLOCK_JWKS_URL, warn)]),
  ];
  const [first, ...others] = sources;
  if (first !== undefined) return others.reduce(eitherOf, first);
  if (INTERLOCK_MODE === 'production') {
    throw new TrustSettingsError(
      'INTERLOCK_JWKS_URL: production needs it or INTERLOCK_JWKS_FILE, the public keys of whoever issues tokens',
    );
  }
  return developmentKeys(INTERLOCK_KEYS_DIR);
}

const keysAt = (url: string, warn: Warn): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    timeoutDuration: ASK_WITHIN_MS,
    cooldownDuration: ASK_AGAIN_AFTER_MS,
    cacheMaxAge: KEEP_MS,
    [customFetch]: issuerFetch(warn),
  });

/** Asks the second source for keys that the first does not know. */
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
function developmentKeys(keysDirectory: string): JWTVerifyGetKey {
  const file = openKeyFile(tokenKeyPath(keysDirectory));
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
    throw new TrustSettingsError(`INTERLOCK_KEYS_DIR: ${errorText(error)}`, { cause: error });
  }
}
