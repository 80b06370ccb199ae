import { KeyFile, tokenKeyPath } from '@interlock/authority';
import { parseDuration } from '@interlock/language';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { defineCliCommand, exitCodes, UsageError } from '../command.js';
import { dataDirectoryOf } from '../evidence/public.keys.js';

const text = z.string().min(1).max(200);

export const token = defineCliCommand({
  name: 'token',
  summary:
    'Make a token for development: signed with the key of this data directory, printed and nothing else.',
  arguments: [],
  options: z.object({
    sub: text.describe('Who the bearer is'),
    role: z.array(text).max(100).default([]).describe('A role; may be given several times'),
    tenant: text.optional().describe('The tenant, where there are several'),
    ttl: z.string().default('PT12H').describe('How long it is valid, as an ISO 8601 duration'),
    audience: text.optional().describe('Whom it is for; what the server expects when absent'),
  }),
  example: 'token --sub alice --role support-lead',

  async run({ sub, role, tenant, ttl, audience }, _positional, { environment, output, now }) {
    if (environment.INTERLOCK_MODE === 'production') {
      throw new UsageError(
        'in production tokens come from your issuer; this makes them for development only',
      );
    }
    const issuedAtS = Math.floor(now() / 1_000);
    const claims = {
      iss: environment.INTERLOCK_JWT_ISSUER || 'interlock',
      aud: audience ?? (environment.INTERLOCK_JWT_AUDIENCE || 'interlock'),
      sub,
      roles: [...new Set(role)],
      ...(tenant !== undefined && { tenant }),
      iat: issuedAtS,
      exp: issuedAtS + secondsOf(ttl),
    };
    const { keyId, privateKey } = signingKey(dataDirectoryOf(environment));
    const signed = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: keyId, typ: 'JWT' })
      .sign(privateKey);
    output.json({ token: signed, claims });
    output.line(signed);
    return exitCodes.done;
  },
});

function secondsOf(ttl: string): number {
  const ms = parseDuration(ttl);
  if (ms === undefined || ms < 1_000)
    throw new UsageError(`--ttl: ${ttl} is no ISO 8601 duration of a second or more, such as PT1H`);
  return Math.floor(ms / 1_000);
}

function signingKey(dataDirectory: string) {
  try {
    return KeyFile.open(tokenKeyPath(dataDirectory)).current;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
