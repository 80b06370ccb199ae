import { failureClass } from '@interlock/contracts';
import { z } from 'zod';
import { fields, name, roles, step, tool } from './case.fields.js';

const ends = ['completed', 'failed', 'fell_back', 'skipped'] as const;

/** A step that completed, by its path; of any other one how it ended: `pay: failed`. */
const pathEntry = z.union([
  step,
  z
    .record(step, z.enum(ends))
    .refine((entry) => Object.keys(entry).length === 1, {
      error: 'must name one step and how it ended: `pay: failed`',
    })
    .meta({ minProperties: 1, maxProperties: 1 }),
]);

const call = z.strictObject({
  tool,
  step: step.optional(),
  purpose: z.enum(['step', 'verify', 'compensate']).optional(),
  arguments: fields.optional().describe('All of them'),
  attempts: z.number().int().min(1).optional().describe('How often it was made'),
});

const asked = z.strictObject({
  step,
  required: z.enum(['single', 'dual']).optional(),
  approvers: roles.optional(),
  outcome: z.enum(['granted', 'denied', 'expired', 'withdrawn', 'open']).optional(),
});

export const expectation = z
  .strictObject({
    status: z
      .enum([
        'completed',
        'failed',
        'rolled_back',
        'escalated',
        'cancelled',
        'running',
        'waiting',
        'paused',
        'rolling_back',
      ])
      .optional(),
    success: z.boolean().optional(),
    output: z.unknown().optional().describe('Of the run, all of it'),
    failure: z
      .strictObject({
        class: failureClass.optional(),
        code: name.optional(),
        step: step.optional(),
        message: z.string().min(1).optional().describe('A part of it'),
      })
      .optional(),
    path: z
      .array(pathEntry)
      .max(10_000)
      .optional()
      .describe('The steps in the order in which they ended. Skipped ones only where an entry names one'),
    calls: z.array(call).max(10_000).optional().describe('Every call that was made, in order'),
    forbidden: z.array(tool).min(1).max(1_000).optional().describe('Tools that are not called'),
    asked: z.array(asked).max(1_000).optional().describe('What people were asked, in order'),
    waitingFor: z
      .array(z.strictObject({ kind: name, step: step.optional() }))
      .min(1)
      .max(1_000)
      .optional(),
  })
  .meta({ minProperties: 1 })
  .describe('At least one of these');
export type Expectation = z.output<typeof expectation>;
