import { z } from 'zod';
import { defineEvent } from './define.js';
import { stepPath } from './step.path.js';
import { instant } from './time.js';

/** Nobody has decided on what waits for an operator in time: others are to look at it too. Said once each time that something waits. */
export const OperatorEscalated = defineEvent(
  'operator.escalated',
  1,
  z.object({
    step: stepPath.optional().describe('Absent: the run as a whole waits'),
    since: instant.describe('How long it has waited, UTC ms'),
    to: z.array(z.string()).min(1).describe('Roles that are to look at it from now on'),
  }),
);
