import type { KeyObject } from 'node:crypto';
import type { CodeOf } from '@interlock/contracts';
import type { KeySet } from '@interlock/contracts/http';
import { z } from 'zod';
import { keyIdOf, publicJwk, publicKeyOf } from './key-pair.js';

const jwkSet = z.object({
  keys: z.array(
    z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional(), kid: z.string() }),
  ),
});

/** Not a key set, or one in which a key has another one's name. */
export class BrokenKeySetError extends Error {
  readonly code = 'keys.broken_set' satisfies CodeOf<'fault'>;

  constructor(why: string) {
    super(`not a set of public keys: ${why}`);
    this.name = 'BrokenKeySetError';
  }
}

export const keySetOf = (current: string, publicKeys: ReadonlyMap<string, KeyObject>): KeySet => ({
  current,
  keys: [...publicKeys.values()].map(publicJwk),
});

/**
 * The Ed25519 keys of a key set by id; keys of other kinds are passed over.
 * @throws {BrokenKeySetError}
 */
export function parseKeySet(value: unknown): ReadonlyMap<string, KeyObject> {
  const parsed = jwkSet.safeParse(value);
  if (!parsed.success) throw new BrokenKeySetError(z.prettifyError(parsed.error));
  const keys = new Map<string, KeyObject>();
  for (const { kty, crv, x, kid } of parsed.data.keys) {
    if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) continue;
    const key = keyIn(kid, x);
    if (keyIdOf(key) !== kid) throw new BrokenKeySetError(`the key called ${kid} is ${keyIdOf(key)}`);
    keys.set(kid, key);
  }
  return keys;
}

function keyIn(kid: string, x: string): KeyObject {
  try {
    return publicKeyOf(x);
  } catch {
    throw new BrokenKeySetError(`${kid} is not an Ed25519 key`);
  }
}
