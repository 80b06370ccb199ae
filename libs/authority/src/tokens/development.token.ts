import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

export interface DevelopmentClaims {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly tenant?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** UTC ms */
  readonly issuedAt: number;
  readonly lifeS: number;
  /** Thumbprint of the key that the bearer signs commands with. */
  readonly jkt?: string | undefined;
}

/** A token for development: signed with the key of the installation instead of by an issuer. */
export async function signDevelopmentToken({ keyId, privateKey }: SigningKey, given: DevelopmentClaims) {
  const issuedAtS = Math.floor(given.issuedAt / 1_000);
  const claims = {
    iss: given.issuer ?? 'interlock',
    aud: given.audience ?? 'interlock',
    sub: given.sub,
    roles: [...new Set(given.roles)],
    ...(given.tenant !== undefined && { tenant: given.tenant }),
    ...(given.jkt !== undefined && { cnf: { jkt: given.jkt } }),
    iat: issuedAtS,
    exp: issuedAtS + given.lifeS,
  };
  const header = { alg: 'EdDSA', kid: keyId, typ: 'JWT' };
  return { token: await new SignJWT(claims).setProtectedHeader(header).sign(privateKey), claims };
}
