import { createHmac } from 'node:crypto';
import { KeyFile, signDevelopmentToken, tokenKeyPath } from '@interlock/authority';

interface Claims {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly iss?: string;
  readonly aud?: string;
  readonly tenant?: string;
  /** Thumbprint of the key that the bearer signs with. */
  readonly jkt?: string;
  /** Until it expires, seconds; negative: it has. */
  readonly lifeS?: number;
}

const claimsOf = ({ sub, roles, iss = 'interlock', aud = 'interlock', lifeS = 3_600 }: Claims) => {
  const iat = Math.floor(Date.now() / 1_000);
  return { sub, roles, iss, aud, iat, exp: iat + lifeS };
};

/** What `./interlock token` makes for a system with these keys, and what it never would. */
export async function tokenOf(keysDirectory: string, claims: Claims): Promise<string> {
  const { iss: issuer, aud: audience, lifeS = 3_600, ...who } = claims;
  const given = {
    ...who,
    issuer,
    audience,
    issuedAt: Date.now() + Math.min(0, lifeS) * 1_000 * 2,
    lifeS: Math.abs(lifeS),
  };
  return (await signDevelopmentToken(KeyFile.open(tokenKeyPath(keysDirectory)).current, given)).token;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that says of itself that it needs no signature. */
export const unsignedToken = (claims: Claims): string =>
  `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claimsOf(claims))}.`;

/** Signed with what everybody knows, as if the public key were a password. */
export function tokenWithSwappedAlgorithm(keysDirectory: string, claims: Claims): string {
  const { keyId, publicKey } = KeyFile.open(tokenKeyPath(keysDirectory)).current;
  const input = `${base64url({ alg: 'HS256', kid: keyId, typ: 'JWT' })}.${base64url(claimsOf(claims))}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
