import { createPublicKey } from 'node:crypto';
import type { ClientKey } from '@interlock/authority';
import { errorCodeOf, fieldOf } from '@interlock/contracts';
import * as oidc from 'openid-client';
import { UnavailableError } from '../client.js';
import { UsageError } from '../command.js';
import { bearerIn } from '../token.claims.js';
import { awaitRedirect } from './redirect.js';
import type { Session } from './session.js';

/** Who issues tokens, and as which client they know this command line. */
export type Registration = Pick<Session, 'issuer' | 'client' | 'audience'>;

/** Tells the person what to do. */
export type Tell = (line: string) => void;

const SCOPE = 'openid offline_access';

/** A connection to an issuer that binds the tokens it gives out to `key` (RFC 9449). */
export class Issuer {
  private constructor(
    private readonly registration: Registration,
    private readonly configuration: oidc.Configuration,
    private readonly key: ClientKey,
    private readonly proof: oidc.DPoPHandle,
  ) {}

  /** @throws {UnavailableError} it does not answer @throws {UsageError} it answers as no OpenID Connect issuer does */
  static async at(registration: Registration, key: ClientKey): Promise<Issuer> {
    const { issuer, client } = registration;
    const isHere = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(`${issuer}/`);
    try {
      const configuration = await oidc.discovery(new URL(issuer), client, undefined, oidc.None(), {
        execute: isHere ? [oidc.allowInsecureRequests] : [],
      });
      return new Issuer(
        registration,
        configuration,
        key,
        oidc.getDPoPHandle(configuration, await pairOf(key)),
      );
    } catch (error) {
      throw isAway(error)
        ? unavailable(issuer, error)
        : new UsageError(`${issuer} does not answer as an issuer: ${reasonOf(error)}`);
    }
  }

  /** The person logs in in a browser on this machine: authorization code with PKCE. */
  async byBrowser(tell: Tell): Promise<Session> {
    const redirect = await awaitRedirect();
    try {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const address = oidc.buildAuthorizationUrl(this.configuration, {
        redirect_uri: redirect.address,
        scope: SCOPE,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        prompt: 'consent',
        dpop_jkt: this.key.thumbprint,
        ...this.#resource(),
      });
      tell(`Open this address in a browser on this machine, and log in:\n${address.href}`);
      const checks = { pkceCodeVerifier: verifier, expectedState: state };
      return await this.#session(async () =>
        oidc.authorizationCodeGrant(this.configuration, await redirect.arrived, checks, this.#resource(), {
          DPoP: this.proof,
        }),
      );
    } finally {
      redirect.close();
    }
  }

  /** The person logs in anywhere, with a code: where there is no browser. */
  async byCode(tell: Tell): Promise<Session> {
    return this.#session(async () => {
      const asked = await oidc.initiateDeviceAuthorization(this.configuration, {
        scope: SCOPE,
        ...this.#resource(),
      });
      tell(`Open ${asked.verification_uri} anywhere, and type the code ${asked.user_code}`);
      return oidc.pollDeviceAuthorizationGrant(this.configuration, asked, this.#resource(), {
        DPoP: this.proof,
      });
    });
  }

  /** The next token of somebody who has logged in. */
  renew(refreshToken: string): Promise<Session> {
    return this.#session(async () => {
      const given = await oidc.refreshTokenGrant(this.configuration, refreshToken, this.#resource(), {
        DPoP: this.proof,
      });
      return { ...given, refresh_token: given.refresh_token ?? refreshToken };
    });
  }

  #resource(): { resource?: string } {
    return this.registration.audience === undefined ? {} : { resource: this.registration.audience };
  }

  async #session(
    grant: () => Promise<{ readonly access_token: string; readonly refresh_token?: string | undefined }>,
  ): Promise<Session> {
    const { access_token: token, refresh_token: refreshToken } = await grant().catch((error: unknown) => {
      const { issuer } = this.registration;
      throw isAway(error)
        ? unavailable(issuer, error)
        : new UsageError(`${issuer} gave no token: ${reasonOf(error)}`);
    });
    if (bearerIn(token)?.jkt !== this.key.thumbprint)
      throw new UsageError(
        `${this.registration.issuer} gave a token that is not bound to the key of this machine (cnf.jkt), so nothing can be signed with it. It has to issue JSON Web Tokens and to support DPoP.`,
      );
    return { ...this.registration, token, ...(refreshToken !== undefined && { refreshToken }) };
  }
}

async function pairOf({ privateKey }: ClientKey): Promise<CryptoKeyPair> {
  return {
    privateKey: privateKey.toCryptoKey('Ed25519', false, ['sign']),
    publicKey: createPublicKey(privateKey).toCryptoKey('Ed25519', true, ['verify']),
  };
}
type CryptoKeyPair = Parameters<typeof oidc.getDPoPHandle>[1];

const SERVER_ERROR = 500;

/** No answer, or the answer that it is not possible now: the same request may succeed later. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { cause, message } = error;
  if (cause instanceof Response) return cause.status >= SERVER_ERROR;
  return errorCodeOf(error) === 'OAUTH_TIMEOUT' || (error instanceof TypeError && message === 'fetch failed');
}

const unavailable = (issuer: string, error: unknown): UnavailableError =>
  new UnavailableError(
    `${issuer} does not answer: ${causeOf(error)}`,
    'Check the address of the issuer, and that this machine reaches it; then repeat the command.',
    { cause: error },
  );

function causeOf(error: unknown): string {
  const cause = fieldOf(error, 'cause');
  if (cause instanceof Response) return `status ${cause.status}`;
  return cause instanceof Error && cause.message !== '' ? cause.message : reasonOf(error);
}

/** The issuer's own words come before those of the library. */
function reasonOf(error: unknown): string {
  const words = ['error_description', 'error', 'message'].map((name) => fieldOf(error, name));
  return words.find((word) => typeof word === 'string') ?? String(error);
}
