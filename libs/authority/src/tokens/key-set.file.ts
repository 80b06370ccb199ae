import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorText, fieldOf, hasFields } from '@interlock/contracts';
import type { JSONWebKeySet, JWK } from 'jose';
import { TrustSettingsError } from '../refusal.js';

const RSA_BITS_MIN = 2_048;

/**
 * The public keys in a file of `INTERLOCK_JWKS_FILE`. Keys that sign something else than our tokens are passed over.
 * @throws {TrustSettingsError} it cannot be read, holds a secret or a key that is too weak, or none for tokens
 */
export function keySetInFile(path: string): JSONWebKeySet {
  const keys = keysIn(path);
  const problem = keys.map(problemOf).find((found) => found !== undefined);
  if (problem !== undefined) throw wrong(path, problem);
  if (!keys.some(isForTokens)) throw wrong(path, 'it has no Ed25519 or RSA key');
  return { keys: [...keys] };
}

function keysIn(path: string): readonly JWK[] {
  try {
    const keys = fieldOf(JSON.parse(readFileSync(path, 'utf8')), 'keys');
    if (Array.isArray(keys) && keys.every(hasFields)) return keys;
  } catch (error) {
    throw wrong(path, errorText(error));
  }
  throw wrong(path, 'it has no list of keys');
}

const isForTokens = ({ kty, crv }: JWK): boolean => kty === 'RSA' || (kty === 'OKP' && crv === 'Ed25519');

function problemOf(key: JWK, index: number): string | undefined {
  const name = `key ${key.kid ?? index}`;
  if (key.kty === 'oct' || 'd' in key) return `${name} is a secret: give public keys only`;
  if (!isForTokens(key)) return undefined;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    const { modulusLength = RSA_BITS_MIN } = asymmetricKeyDetails ?? {};
    return modulusLength < RSA_BITS_MIN
      ? `${name} has ${modulusLength} bits, not ${RSA_BITS_MIN} or more`
      : undefined;
  } catch (error) {
    return `${name} cannot be read (${errorText(error)})`;
  }
}

const wrong = (path: string, why: string): TrustSettingsError =>
  new TrustSettingsError(`INTERLOCK_JWKS_FILE: ${path} is not the JSON Web Key Set of an issuer: ${why}`);
