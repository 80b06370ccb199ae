import { z } from 'zod';
import { personal } from './classification.js';
import { stopNote } from './control.events.js';
import { defineEvent, past } from './define.js';
import { failure } from './failure.js';
import { identity } from './run.commands.js';
import { stepPath } from './step.path.js';
import { outputRef } from './stored.value.js';

const step = stepPath;
const instant = z.number().int().describe('UTC instant, ms');

const completed = {
  step,
  outputRef,
  output: z
    .unknown()
    .meta(personal)
    .optional()
    .describe('Absent when it is recorded already: as that of the step’s call, or of the turns of its body'),
  detail: z.string().optional().describe('The matching rule of a table, the name of a signal'),
};
const completedBy = ['call', 'table', 'wait', 'value', 'approval', 'agent', 'baseline'] as const;

export const StepCompleted = defineEvent(
  'step.completed',
  2,
  z.object({
    ...completed,
    via: z.enum([...completedBy, 'child', 'body', 'form']).describe('Where the output came from'),
  }),
  [past(1, z.object({ ...completed, via: z.enum(completedBy) }), (data) => data)],
);
export const StepFailed = defineEvent('step.failed', 1, z.object({ step, failure }));
export const StepSkipped = defineEvent(
  'step.skipped',
  1,
  z.object({
    step,
    because: z.enum(['condition', 'needs', 'operator', 'not_needed']),
    reason: z.string().meta(personal).optional(),
    commandId: z.string().optional().describe('Of the operator’s command'),
    by: identity.optional(),
  }),
);
export const StepRetryScheduled = defineEvent(
  'step.retry_scheduled',
  1,
  z.object({ step, failure, attempt: z.number().int(), due: instant, counts: z.boolean() }),
);
export const StepFellBack = defineEvent(
  'step.fell_back',
  1,
  z.object({
    step,
    failure,
    to: z.string().optional().describe('Fallback step; absent for a fallback value'),
  }),
);
/** Its call, or its request to a model, falls under a stop: it was not started, and is asked for again once the stop is lifted. */
export const StepStopped = defineEvent('step.stopped', 1, z.object({ step, stop: stopNote }));
/** A person must decide what becomes of the step. */
export const StepParked = defineEvent(
  'step.parked',
  1,
  z.object({ step, because: z.enum(['in_doubt', 'escalated', 'denied']), failure }),
);
export const StepResumed = defineEvent(
  'step.resumed',
  1,
  z.object({
    step,
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    generation: z.number().int(),
  }),
);
/** A person has answered for the call of a parked step. Nobody else is asked about what they say. */
export const StepResolved = defineEvent(
  'step.resolved',
  1,
  z.object({
    step,
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    callHash: z.string(),
    happened: z.boolean(),
    output: z.unknown().meta(personal).optional().describe('What the call gave, where it happened'),
  }),
);

export const WaitStarted = defineEvent(
  'wait.started',
  1,
  z.object({ step, until: instant.optional(), signal: z.string().optional() }),
);
export const SignalReceived = defineEvent(
  'signal.received',
  1,
  z.object({
    commandId: z.string(),
    by: identity,
    name: z.string(),
    data: z.unknown().meta(personal),
    reason: z.string().meta(personal),
  }),
);
