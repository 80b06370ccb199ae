import {
  clientKeyPath,
  KeyFile,
  keysDirectoryOf,
  openClientKey,
  signDevelopmentToken,
  tokenKeyPath,
} from '@interlock/authority';
import {
  durationForms,
  errorText,
  isReservedSubject,
  looksLikeModule,
  parseDuration,
  visibleName,
} from '@interlock/contracts';
import { z } from 'zod';
import { defineCliCommand, exitCodes, UsageError } from '../command.js';

const text = z.string().min(1).max(200);
const LIFE_MAX_S = 86_400;

export const token = defineCliCommand({
  name: 'token',
  summary: 'Make a token for development: signed with the development key, printed and nothing else.',
  arguments: [],
  options: z.object({
    sub: visibleName
      .refine(
        (sub) => !isReservedSubject(sub) && !looksLikeModule({ sub }),
        'is reserved for a part of Interlock: every server refuses such a token',
      )
      .describe('Who the bearer is'),
    role: z.array(visibleName).max(100).default([]).describe('A role; may be given several times'),
    tenant: visibleName.optional().describe('The tenant, where there are several'),
    ttl: z.string().default('PT12H').describe('How long it is valid, such as PT12H or 30m, a day at most'),
    bound: z
      .boolean()
      .default(false)
      .describe('Name the key of this machine in it, so that ./interlock signs commands with it'),
    audience: text.optional().describe('Its audience; absent: the one that the server expects'),
  }),
  example: 'token --sub alice --role support-lead',

  async run({ sub, role, tenant, ttl, audience, bound }, _positional, { environment, output, now }) {
    if (environment.INTERLOCK_MODE === 'production') {
      throw new UsageError(
        'in production tokens come from your issuer; this makes them for development only',
      );
    }
    const directory = keysDirectoryOf(environment);
    const signed = await signDevelopmentToken(signingKey(directory), {
      sub,
      roles: role,
      tenant,
      issuer: environment.INTERLOCK_JWT_ISSUER || undefined,
      audience: audience ?? (environment.INTERLOCK_JWT_AUDIENCE || undefined),
      issuedAt: now(),
      lifeS: secondsOf(ttl),
      jkt: bound ? (await openClientKey(clientKeyPath(directory))).thumbprint : undefined,
    });
    output.json(signed);
    output.line(signed.token);
    return exitCodes.done;
  },
});

function secondsOf(ttl: string): number {
  const ms = parseDuration(ttl);
  if (ms === undefined || ms < 1_000)
    throw new UsageError(`--ttl: ${ttl} must be ${durationForms}, and a second or more`);
  const seconds = Math.floor(ms / 1_000);
  if (seconds > LIFE_MAX_S)
    throw new UsageError(`--ttl: ${ttl} is over a day, and every server refuses such a token`);
  return seconds;
}

function signingKey(keysDirectory: string) {
  try {
    return KeyFile.open(tokenKeyPath(keysDirectory)).current;
  } catch (error) {
    throw new UsageError(errorText(error));
  }
}
