import { readFileSync } from 'node:fs';
import { KeyFile, tokenKeyPath } from '@interlock/evidence';
import { type Configuration, ConfigurationError } from '@interlock/service';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

type Settings = Pick<
  Configuration,
  'INTERLOCK_MODE' | 'INTERLOCK_DATA_DIR' | 'INTERLOCK_JWKS_FILE' | 'INTERLOCK_JWKS_URL'
>;

const ASK_WITHIN_MS = 5_000;
const ASK_AGAIN_AFTER_MS = 30_000;

/**
 * Where the keys that tokens are signed with come from: what the settings name, and in development without them the key that `./interlock token` signs with.
 * @throws {ConfigurationError} production without a source, or a file that holds no key set
 */
export function issuerKeys(settings: Settings): JWTVerifyGetKey {
  const { INTERLOCK_MODE, INTERLOCK_DATA_DIR, INTERLOCK_JWKS_FILE, INTERLOCK_JWKS_URL } = settings;
  if (INTERLOCK_JWKS_FILE !== undefined) return keysInFile(INTERLOCK_JWKS_FILE);
  if (INTERLOCK_JWKS_URL !== undefined) {
    return createRemoteJWKSet(new URL(INTERLOCK_JWKS_URL), {
      timeoutDuration: ASK_WITHIN_MS,
      cooldownDuration: ASK_AGAIN_AFTER_MS,
    });
  }
  if (INTERLOCK_MODE === 'production') {
    throw new ConfigurationError([
      'INTERLOCK_JWKS_URL: production needs it or INTERLOCK_JWKS_FILE, the public keys of whoever issues tokens',
    ]);
  }
  return developmentKeys(KeyFile.open(tokenKeyPath(INTERLOCK_DATA_DIR)));
}

function keysInFile(path: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(path, 'utf8')) as JSONWebKeySet);
  } catch (error) {
    throw new ConfigurationError([
      `INTERLOCK_JWKS_FILE: ${path} holds no JSON Web Key Set (${(error as Error).message})`,
    ]);
  }
}

/** Follows rotations of the file. */
function developmentKeys(file: KeyFile): JWTVerifyGetKey {
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
