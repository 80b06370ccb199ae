import { issuerKeys, TokenVerifier, TrustSettingsError } from '@interlock/authority';
import { type Configuration, ConfigurationError } from './configuration.js';
import type { Log } from './logger.js';

/**
 * Tells from a token who speaks, by the trust settings that all services share.
 * @param modules whether it takes what modules say, too
 * @throws {ConfigurationError} production without keys of an issuer, or keys that cannot be used
 */
export function tokenVerifier(
  configuration: Configuration,
  log: Pick<Log, 'warn'>,
  modules = false,
): TokenVerifier {
  const { INTERLOCK_JWT_ISSUER: issuer, INTERLOCK_JWT_AUDIENCE: audience } = configuration;
  const { INTERLOCK_TOKEN_LIFE_S: lifeMaxS } = configuration;
  try {
    const keys = issuerKeys(configuration, (facts, what) => log.warn(facts, what), modules);
    return new TokenVerifier({ keys, issuer, audience, lifeMaxS, modules });
  } catch (error) {
    if (error instanceof TrustSettingsError) throw new ConfigurationError([error.message]);
    throw error;
  }
}
