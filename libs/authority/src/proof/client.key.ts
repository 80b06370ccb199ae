import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { KeyFile } from '../keys/key-file.js';
import { publicJwk } from '../keys/key-pair.js';

/** The key that a person's client signs with. Tokens name it by its thumbprint (`cnf.jkt`). */
export interface ClientKey {
  readonly privateKey: KeyObject;
  /** As it stands in the header of what it signs. */
  readonly publicJwk: JWK;
  readonly algorithm: 'EdDSA' | 'ES256';
  readonly thumbprint: string;
}

/** Where a client keeps the key of the person who uses it. */
export const clientKeyPath = (directory: string): string => join(directory, 'client.json');

/**
 * The key in a file that only its owner can read; made when there is none.
 * @throws {UnsafeFileError} @throws {BrokenKeyFileError}
 */
export async function openClientKey(path: string): Promise<ClientKey> {
  return clientKeyOf(KeyFile.open(path));
}

/** The same, if there is one. */
export async function findClientKey(path: string): Promise<ClientKey | undefined> {
  const file = KeyFile.find(path);
  return file && clientKeyOf(file);
}

async function clientKeyOf({ current: { privateKey, publicKey } }: KeyFile): Promise<ClientKey> {
  const { kty, crv, x } = publicJwk(publicKey);
  const jwk = { kty, crv, x };
  return { privateKey, publicJwk: jwk, algorithm: 'EdDSA', thumbprint: await calculateJwkThumbprint(jwk) };
}
