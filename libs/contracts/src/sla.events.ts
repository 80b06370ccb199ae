import { z } from 'zod';
import { defineEvent } from './define.js';
import { stepPath } from './step.path.js';
import { instant } from './time.js';

/** What follows when a service level is missed. `fallback` is `fail` of a step that has another way on. */
export const breachActions = ['notify', 'escalate', 'fail', 'fallback'] as const;
export type BreachAction = (typeof breachActions)[number];

/** Of which stage a service level of the run as a whole is. */
export const WHOLE_RUN = 'complete';

/** A service level was missed: said once of each step that starts, and once of the run. */
export const SlaBreached = defineEvent(
  'sla.breached',
  1,
  z.object({
    stage: z.string().describe('The path of the step, or `complete` for the run'),
    step: stepPath.optional().describe('Absent: the run as a whole'),
    due: instant.describe('When it should have been done, UTC ms'),
    by: z.number().int().min(0).describe('How late this was seen, ms'),
    action: z.enum(breachActions).describe('What follows'),
  }),
);
