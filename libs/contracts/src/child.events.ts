/** Runs that a run starts in its steps of the kind `workflow`, and what it tells them: part of `run.events`. */
import { z } from 'zod';
import { shapedBy } from './approval.events.js';
import { personal } from './classification.js';
import { defineEvent } from './define.js';
import { failure } from './failure.js';
import { influencedBy, influenceFact, inheritedInfluence } from './influence.js';
import { identity } from './run.commands.js';
import { stepPath } from './step.path.js';
import { inputRef, outputRef } from './stored.value.js';

const step = stepPath.describe('Of the step that started the child');
const runId = z.string().min(1).describe('Of the child');
const instant = z.number().int().describe('UTC instant, ms');

/** What a run may use, or has used. */
export const amounts = z.object({
  tokens: z.number().int().min(0),
  costUsd: z.number().min(0),
  steps: z.number().int().min(0),
  toolCalls: z.number().int().min(0),
  calls: z
    .record(z.string(), z.number().int().min(0))
    .optional()
    .describe('Of tools that have a budget of their own, by their names'),
});
export type Amounts = z.output<typeof amounts>;

/** Of the first event of a run that another one has started. */
export const parentOfRun = z.object({
  runId: z.string().min(1),
  step: stepPath,
  depth: z.number().int().min(1).describe('How many runs stand above it'),
  detached: z.literal(true).optional().describe('It outlives its parent, and its budget is its own'),
});
export type ParentOfRun = z.output<typeof parentOfRun>;

/** The child that a step wants cannot start yet: other children hold what is left of the budget. */
export const ChildAwaited = defineEvent(
  'child.awaited',
  1,
  z.object({ step, budget: z.string().describe('What is held: steps, toolCalls, tokens or costUsd') }),
);

/** A child is to start. Its first event follows from this, again and again until it is known to have happened. */
export const ChildRequested = defineEvent(
  'child.requested',
  1,
  z.object({
    step,
    runId: runId.describe('Of the child: follows from this run, the step and its generation'),
    workflow: z.object({ name: z.string(), version: z.number().int(), hash: z.string() }),
    input: z.unknown().meta(personal).optional(),
    inputRef,
    budget: amounts.optional().describe('Reserved for it; absent of a detached one, whose budget is its own'),
    deadline: instant.optional().describe('It has to end by then; absent of a detached one'),
    inherited: z.array(inheritedInfluence).min(1).optional(),
    shapedBy,
  }),
);
export const ChildStarted = defineEvent('child.started', 1, z.object({ step, runId }));

/** The child is to end, because this run does, or because the time of the step is up. */
export const ChildCancelRequested = defineEvent(
  'child.cancel_requested',
  1,
  z.object({
    step,
    runId,
    because: z.enum(['ending', 'timeout']),
    reason: z.string().meta(personal),
    rollback: z.boolean().describe('Whether it undoes what it did'),
  }),
);

export const runEnds = ['completed', 'failed', 'cancelled', 'rolled_back', 'escalated'] as const;

/** The child has ended; what it has used is this run's, and the rest of its reservation is free again. */
export const ChildEnded = defineEvent(
  'child.ended',
  1,
  z.object({
    step,
    runId,
    status: z.enum(runEnds),
    output: z.unknown().meta(personal).optional().describe('Of a child that has completed'),
    outputRef,
    failure: failure.optional().describe('Of any other'),
    used: amounts,
    wrote: z
      .boolean()
      .describe(
        'Writes of it, or of its children, stand: they are undone with its parent, if it has completed',
      ),
    influencedBy: influencedBy.optional().describe('Models of the child that led to what it gave'),
    shapedBy,
  }),
);

/** In the turn of this child everything that it did is to be undone. */
export const ChildUndoRequested = defineEvent(
  'child.undo_requested',
  1,
  z.object({ step, runId, reason: z.string().meta(personal) }),
);
/** The child has undone what it did; with a failure: some of it stands. */
export const ChildUndone = defineEvent(
  'child.undone',
  1,
  z.object({ step, runId, failure: failure.optional() }),
);

/**
 * A run that has completed undoes what it did, because its parent does: it ends anew. What it knows of its models is said once more, for
 * whoever follows them in runs that are open alone.
 */
export const RunUndoing = defineEvent(
  'run.undoing',
  1,
  z.object({
    by: identity,
    reason: z.string().meta(personal),
    influence: z
      .object({
        workflow: z.string().describe('Hash of its compiled form'),
        agents: z.array(z.string()).describe('Its agent steps'),
        inherited: z.array(inheritedInfluence),
        facts: z.array(influenceFact),
      })
      .optional()
      .describe('Absent: no model could lead to anything'),
  }),
);

/** A child of a run, as lists name it. */
export const childOfRun = z.object({ step, runId });

export const childEvents = [
  ChildAwaited,
  ChildRequested,
  ChildStarted,
  ChildCancelRequested,
  ChildEnded,
  ChildUndoRequested,
  ChildUndone,
  RunUndoing,
] as const;
