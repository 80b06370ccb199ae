import { createHmac } from 'node:crypto';
import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { SignJWT } from 'jose';

interface Claims {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly iss?: string;
  readonly aud?: string;
  /** Until it expires, seconds; negative: it has. */
  readonly lifeS?: number;
}

const claimsOf = ({ sub, roles, iss = 'interlock', aud = 'interlock', lifeS = 3_600 }: Claims) => ({
  sub,
  roles,
  iss,
  aud,
  exp: Math.floor(Date.now() / 1_000) + lifeS,
});

/** What `./interlock token` makes for the gateway with this data directory, and what it never would. */
export function tokenOf(dataDirectory: string, claims: Claims): Promise<string> {
  const { keyId, privateKey } = KeyFile.open(tokenKeyPath(dataDirectory)).current;
  return new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'EdDSA', kid: keyId }).sign(privateKey);
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that says of itself that it needs no signature. */
export const unsignedToken = (claims: Claims): string =>
  `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claimsOf(claims))}.`;

/** Signed with what everybody knows, as if the public key were a password. */
export function tokenWithSwappedAlgorithm(dataDirectory: string, claims: Claims): string {
  const { keyId, publicKey } = KeyFile.open(tokenKeyPath(dataDirectory)).current;
  const input = `${base64url({ alg: 'HS256', kid: keyId, typ: 'JWT' })}.${base64url(claimsOf(claims))}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
