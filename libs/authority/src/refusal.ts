import type { CodeOf } from '@interlock/contracts';
import { errorText } from '@interlock/contracts';

/** Why a statement’s authority does not hold. */
export type RefusalCode = CodeOf<'authority'>;

/** What proves a statement does not hold. The message is for people and names no secret. */
export class AuthorityRefusedError extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
    this.name = 'AuthorityRefusedError';
  }
}

/** The keys of the issuer are not available at the moment, so nothing can be said about a token. Ask again later. */
export class IssuerUnavailableError extends Error {
  readonly code = 'issuer.unavailable' satisfies CodeOf<'fault'>;

  constructor(what: string, cause: unknown) {
    super(`${what}: ${errorText(cause)}`, { cause });
    this.name = 'IssuerUnavailableError';
  }
}

/** The settings of trust cannot be used. The message begins with the setting's name. */
export class TrustSettingsError extends Error {
  readonly code = 'trust.settings' satisfies CodeOf<'fault'>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrustSettingsError';
  }
}
