import { z } from 'zod';
import { defineEvent } from './define.js';

/** Takes a partition: its offset is the epoch of every record its host writes. Carries no cursor. */
export const HostClaimed = defineEvent(
  'host.claimed',
  1,
  z.object({
    claimId: z.string().min(1).describe('Random; tells the host its own claim from another'),
    host: z.string().describe('Process that claims, for people'),
    versions: z.array(z.string()).describe('`type/version` of every event this host writes'),
  }),
);

/** Holds only the input cursor: the first append after a claim, and whenever positions moved without an append. */
export const HostProgress = defineEvent('host.progress', 1, z.object({}));

/** An input that waits longer than the hold limit, kept here so that the position may pass it. */
export const InputDeferred = defineEvent(
  'input.deferred',
  1,
  z.object({
    topic: z.string(),
    offset: z.number().int().min(0),
    part: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Which part of its record the input is; absent: the first'),
    record: z
      .object({
        key: z.string(),
        type: z.string(),
        meta: z.string().describe('Header bytes, base64'),
        link: z.string().describe('Header bytes, base64'),
        value: z.string().describe('Base64'),
        epoch: z.number().int(),
      })
      .describe('The record as stored, or as it would be with this part alone'),
  }),
);

export const hostEvents = [HostClaimed, HostProgress, InputDeferred] as const;
