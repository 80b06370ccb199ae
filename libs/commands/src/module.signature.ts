import { KeyFile, signDevelopmentToken, tokenKeyPath } from '@interlock/authority';
import type { Configuration } from '@interlock/service';
import type { ModuleSignature } from './module.publication.js';

/** A token is made for each command, so it has to outlive no more than that. */
const LIFE_S = 60;

/** Modules speak with the development key of the installation: whoever starts the server may load what they like into it. */
export function moduleSignature(configuration: Configuration): ModuleSignature {
  const { INTERLOCK_KEYS_DIR, INTERLOCK_JWT_ISSUER, INTERLOCK_JWT_AUDIENCE } = configuration;
  const keys = KeyFile.open(tokenKeyPath(INTERLOCK_KEYS_DIR));
  return async ({ sub, roles }) => {
    const { token } = await signDevelopmentToken(keys.current, {
      sub,
      roles,
      issuer: INTERLOCK_JWT_ISSUER,
      audience: INTERLOCK_JWT_AUDIENCE,
      issuedAt: Date.now(),
      lifeS: LIFE_S,
    });
    return token;
  };
}
