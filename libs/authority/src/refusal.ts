/** Why a statement's authority does not hold. */
export type RefusalCode =
  /** It carries no token. */
  | 'authority.missing'
  /** It is sealed for another service or command, or not sealed at all. */
  | 'authority.unsealed'
  /** The token is nobody's: signature, issuer, audience, or a claim is wrong. */
  | 'authority.token'
  /** The token had expired when the broker took the command. */
  | 'authority.expired'
  /** The token gives no right to this. */
  | 'authority.role'
  /** The client's signature is missing, or is one of another command, person or key. */
  | 'authority.proof'
  /** The broker did not say when it took the command. */
  | 'authority.time'
  /** It lies where its run does not. */
  | 'authority.place';

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

/** The keys of the issuer cannot be had at the moment, so nothing can be said about a token. Ask again later. */
export class IssuerAwayError extends Error {
  readonly code = 'issuer.away';

  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'IssuerAwayError';
  }
}

/** The settings of trust cannot be used. The message begins with the setting's name. */
export class TrustSettingsError extends Error {
  readonly code = 'trust.settings';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrustSettingsError';
  }
}
