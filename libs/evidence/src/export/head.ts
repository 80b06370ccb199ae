import { type KeyObject, sign, verify } from 'node:crypto';
import type { KeyPair } from '@interlock/authority';
import canonicalize from 'canonicalize';
import { z } from 'zod';

/** What a signature says: at `time`, these were the first `seq` events of the run, and the last one had this hash. */
export const headSchema = z.strictObject({
  runId: z.string().min(1),
  /** Of the last event; 0: there was none yet. */
  seq: z.number().int().min(0),
  /** Of the last event, hexadecimal; 64 zeros when there was none. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was signed. */
  time: z.iso.datetime(),
  keyId: z.string().min(1),
});
export type Head = Readonly<z.output<typeof headSchema>>;

/** The last line of an export. */
export interface SignedHead {
  readonly head: Head;
  /** Ed25519 over the RFC 8785 JSON of `head`, base64. */
  readonly signature: string;
}

export function signHead(head: Omit<Head, 'keyId'>, { keyId, privateKey }: KeyPair): SignedHead {
  const signed = { ...head, keyId };
  return { head: signed, signature: sign(null, signedBytes(signed), privateKey).toString('base64') };
}

export const isSignedBy = ({ head, signature }: SignedHead, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(head), publicKey, Buffer.from(signature, 'base64'));

const signedBytes = (head: Head): Buffer => Buffer.from(canonicalize(head) ?? '');
