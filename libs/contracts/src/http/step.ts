import { z } from 'zod';
import { cursorOf, instantText, limitOf, nextCursor, type Shown } from './fields.js';
import { wait } from './run.js';

export const stepStatuses = [
  'pending',
  'running',
  'waiting',
  'parked',
  'fell_back',
  'completed',
  'skipped',
  'failed',
] as const;
export const stepStatus = z
  .enum(stepStatuses)
  .describe(
    '`pending`: not started, or taken back. `waiting`: for a time, a signal or an answer to the step’s own question. `parked`: a person must decide. `fell_back`: its fallback acts. A step that was open when its run ended keeps its status',
  )
  .meta({ id: 'StepStatus' });
export type StepStatus = z.output<typeof stepStatus>;

export const stepsQuery = z.strictObject({
  status: stepStatus.optional(),
  limit: limitOf(50, 500),
  cursor: cursorOf(/^[1-9]\d{0,8}$/).optional(),
});

export const stepInstance = z
  .object({
    path: z.string().describe('The one name of the step: `order`, `lines[17]/charge`, `review#2/ask`'),
    kind: z
      .string()
      .optional()
      .describe('Of a step of the workflow itself: `tool`, `decide`, `wait`, `approval`, `form`, `agent`'),
    status: stepStatus,
    since: instantText.describe('Of the status'),
    startedAt: instantText.optional(),
    endedAt: instantText.optional(),
    generation: z.int().min(1).describe('How often an operator has had it done again, plus one'),
    calls: z
      .int()
      .min(0)
      .describe(
        'Different calls made in its name: its own or its model’s, their verifications and compensations',
      ),
    attempts: z.int().min(0).describe('Requests to have these calls performed'),
    tool: z.string().optional().describe('Of the latest call'),
    child: z.string().optional().describe('Id of the run that it has started last'),
    failure: z
      .object({ class: z.string(), code: z.string(), message: z.string() })
      .optional()
      .describe('Why it failed, is tried again, is parked, or fell back'),
    waitingFor: z.array(wait).optional(),
  })
  .meta({ id: 'StepInstance' });
/** A step of a run as the interface shows it. */
export type StepInstance = Shown<z.output<typeof stepInstance>>;

export const stepPage = z.object({
  items: z.array(stepInstance),
  next: nextCursor.optional(),
  lastSeq: z.int().min(0).describe('Of the last event that this answer knows'),
});
export type StepPage = Shown<z.output<typeof stepPage>>;
