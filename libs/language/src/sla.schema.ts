import { durationText } from '@interlock/contracts';
import { z } from 'zod';
import { stepId } from './fields.schema.js';

/** When something should be done, and what follows when it is not. */

const onBreach = z
  .enum(['notify', 'escalate', 'fail'])
  .optional()
  .describe('notify, which is the default: only an event. escalate: an operator decides. fail: it fails');

export const stepSla = z.union([
  durationText,
  z.strictObject({
    within: durationText.describe('From the start of the step'),
    onBreach: z
      .enum(['notify', 'escalate', 'fail', 'fallback'])
      .optional()
      .describe('fallback: its onFailure acts. Absent: what the workflow says'),
  }),
]);
export type StepSla = z.output<typeof stepSla>;

export const workflowSla = z.strictObject({
  complete: durationText.optional().describe('From the start of the run to its end'),
  stages: z
    .record(stepId, durationText)
    .optional()
    .describe('Of steps of the workflow itself, from the start of each to its end'),
  onBreach,
});
