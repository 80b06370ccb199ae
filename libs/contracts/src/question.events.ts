import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent } from './define.js';
import { partId } from './part.id.js';
import { identity } from './run.commands.js';
import { stepPath } from './step.path.js';
import { instant } from './time.js';

/* What the model of an agent step asks whom it serves, and what they answer. The id of a question is that of the event that asks it. */

const step = stepPath;
const questionId = partId.describe('Id of the `question.asked`');

/** How a question reaches whom it is for, and by what way its answer comes back. */
export const questionChannel = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('signal') }).describe('A command to the run, by that person or an operator'),
  z
    .object({ kind: z.literal('webhook'), trigger: z.string() })
    .describe('Notifications tell a system of it, which answers by a signed event of this trigger'),
]);
export type QuestionChannel = z.output<typeof questionChannel>;

export const QuestionAsked = defineEvent(
  'question.asked',
  1,
  z.object({
    step,
    planId: partId.describe('Id of the `plan.requested` whose answer asks it'),
    number: z.number().int().min(1).describe('Of the questions of the step'),
    to: z.string().meta(personal).describe('Whom it is for'),
    channel: questionChannel,
    text: z.string().meta(personal),
    until: instant.describe('UTC instant, ms'),
  }),
);

export const QuestionAnswered = defineEvent(
  'question.answered',
  1,
  z.object({
    step,
    questionId,
    commandId: z.string(),
    by: identity,
    trigger: z.string().optional().describe('Whose signed event has brought it'),
    text: z.string().meta(personal).describe('Told to the model, as data'),
  }),
);

/** Nobody has answered in time: the model is told so, and goes on. */
export const QuestionUnanswered = defineEvent('question.unanswered', 1, z.object({ step, questionId }));

export const questionEvents = [QuestionAsked, QuestionAnswered, QuestionUnanswered] as const;
