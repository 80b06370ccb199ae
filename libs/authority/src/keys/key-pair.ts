import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { sha256 } from '@interlock/contracts';
import type { KeySet } from '@interlock/contracts/http';

/** An Ed25519 key that signs, and the name others know it by. */
export interface KeyPair {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A public key as RFC 8037 writes it, with its name. */
export type PublicJwk = Required<KeySet['keys'][number]>;

const ID_DIGITS = 16;

/** First 16 hexadecimal digits of the sha256 of the key's SPKI (DER): a key cannot take another one's name. */
export const keyIdOf = (publicKey: KeyObject): string =>
  sha256(publicKey.export({ format: 'der', type: 'spki' })).slice(0, ID_DIGITS);

export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { keyId: keyIdOf(publicKey), privateKey, publicKey };
}

/** @throws when `d` and `x` are not an Ed25519 key */
export function keyPairOf(x: string, d: string): KeyPair {
  const privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x, d } });
  const publicKey = createPublicKey(privateKey);
  return { keyId: keyIdOf(publicKey), privateKey, publicKey };
}

/** @throws when `x` is not an Ed25519 key */
export const publicKeyOf = (x: string): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });

export const xOf = (publicKey: KeyObject): string => publicKey.export({ format: 'jwk' }).x ?? '';

export const dOf = (privateKey: KeyObject): string => privateKey.export({ format: 'jwk' }).d ?? '';

export const publicJwk = (publicKey: KeyObject): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: xOf(publicKey),
  kid: keyIdOf(publicKey),
  alg: 'EdDSA',
  use: 'sig',
});
