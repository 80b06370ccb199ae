import { z } from 'zod';
import { internal } from './classification.js';

/** What proves who somebody is, as the service that acted on it has checked it. */
export const authority = z.object({
  issuer: z.string().describe('Who issued the token (`iss`)'),
  tokenHash: z.string().describe('sha256 of the token, which is never kept itself'),
  expiresAt: z.number().int().describe('When the token expires, UTC ms'),
  jkt: z.string().optional().describe('Thumbprint of the key that the token is bound to (RFC 7638)'),
  proof: z
    .string()
    .optional()
    .meta(internal)
    .describe('The person’s signature over exactly this command: a JWS by the key of `jkt`'),
});
