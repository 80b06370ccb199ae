import { z } from 'zod';
import type { Shown } from './fields.js';

export const keySet = z
  .object({
    current: z.string().describe('`kid` of the key that signs now'),
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string().describe('The 32 bytes of the key, base64url'),
        kid: z.string(),
        alg: z.literal('EdDSA').optional(),
        use: z.literal('sig').optional(),
      }),
    ),
  })
  .meta({ id: 'KeySet' });
/** What `/v1/keys` says: a JSON Web Key Set (RFC 7517) and which of its keys signs now. */
export type KeySet = Shown<z.output<typeof keySet>>;
