import { z } from 'zod';
import { personal } from './classification.js';

/** The kinds of failure of language.md section 3: the class decides what happens next, the code is for people. */
export const failureClasses = [
  'transient',
  'rate_limited',
  'timeout',
  'outcome_unknown',
  'invalid_input',
  'invalid_output',
  'domain',
  'denied',
  'unauthorized',
  'quota_exhausted',
  'context_overflow',
  'budget_exceeded',
  'cancelled',
  'internal',
] as const;

export const failureClass = z.enum(failureClasses);
export type FailureClass = z.output<typeof failureClass>;

export const failure = z.object({
  class: failureClass,
  code: z.string().max(200).describe('Stable across releases; a declared failure’s own code for `domain`'),
  message: z.string().max(4_000).meta(personal),
  retryAfterMs: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('How long the system asked to wait, in milliseconds'),
  data: z.unknown().meta(personal).optional().describe('Fields of a declared domain failure'),
});
export type Failure = z.output<typeof failure>;
