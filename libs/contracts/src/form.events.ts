import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent } from './define.js';
import { identity } from './run.commands.js';
import { stepPath } from './step.path.js';
import { instant } from './time.js';

/* What a form step asks of people, and what they answer. The schema of the answer stands in the compiled workflow. */

const step = stepPath;

/** People who have one of the roles are asked. */
export const FormOpened = defineEvent(
  'form.opened',
  1,
  z.object({
    step,
    question: z.string().meta(personal),
    details: z.unknown().meta(personal).optional(),
    roles: z.array(z.string()).min(1).describe('Any of which may answer'),
    until: instant.describe('UTC instant, ms'),
    generation: z.number().int().min(1),
  }),
);

/** A person has answered, and what they gave fits the schema of the step. */
export const FormAnswered = defineEvent(
  'form.answered',
  1,
  z.object({
    step,
    commandId: z.string(),
    by: identity,
    reason: z.string().meta(personal),
    value: z.unknown().meta(personal).describe('What the step gives'),
  }),
);

export const formEvents = [FormOpened, FormAnswered] as const;
