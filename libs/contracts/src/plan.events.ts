import { z } from 'zod';
import { personal } from './classification.js';
import { stopNote, stoppable } from './control.events.js';
import { defineEvent, type MessageOf } from './define.js';
import { failure } from './failure.js';
import { partId } from './part.id.js';
import { QUESTION_CHARS_MAX } from './question.limits.js';
import { instant } from './time.js';

/** What one request to a model may look like at most, in characters: it travels in one event each way. */
export const KNOWN_CHARS_MAX = 200_000;
export const OBSERVED_CHARS_MAX = 8_000;
export const RAW_CHARS_MAX = 64_000;

/** A call a model proposes. It is made only if the run, policy and, where they are asked, people want it too. */
export const proposedCall = z.object({
  tool: z.string().max(200).meta(personal).describe('As the model wrote it, which may be anything'),
  arguments: z.unknown().meta(personal),
  occurrence: z
    .number()
    .int()
    .min(1)
    .max(100)
    .describe('Above 1 for a write that is meant again with the same arguments'),
});
export type ProposedCall = z.output<typeof proposedCall>;

/** What a model proposes in one round: calls, a question, or the step's output, or nothing, which makes no progress. */
export const proposal = z.object({
  calls: z.array(proposedCall).max(20),
  output: z.unknown().meta(personal).optional().describe('Ends the step'),
  question: z
    .string()
    .min(1)
    .max(QUESTION_CHARS_MAX)
    .meta(personal)
    .optional()
    .describe('For whom the step serves, after the calls; never together with an output'),
  confidence: z.number().min(0).max(1),
  reasoning: z.string().max(8_000).meta(personal),
  alternatives: z
    .array(z.object({ description: z.string().max(1_000).meta(personal), score: z.number().min(0).max(1) }))
    .max(10)
    .describe('What else was weighed'),
  evidence: z.array(z.string().max(1_000).meta(personal)).max(20).describe('What it rests on'),
});
export type Proposal = z.output<typeof proposal>;

export const usage = z.object({
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
});
export type Usage = z.output<typeof usage>;

const about = {
  planId: partId.describe('Id of the `plan.requested` this answers'),
  model: z.string().describe('`provider/name`'),
};

/** Write-ahead intent: durable before the model is called, so that a call nobody recorded is charged all the same. */
export const PlanAttemptStarted = defineEvent(
  'plan.attempt_started',
  1,
  z.object({
    ...about,
    promptHash: z.string().describe('Of the prompt artifact'),
    requestHash: z.string().describe('Of the body that is sent'),
    parameters: z.record(z.string(), z.unknown()).describe('As sent: temperature, seed, greatest answer'),
    body: z.unknown().meta(personal).describe('What is sent: all that leaves for the model'),
    stoppable,
    deadline: instant.describe('UTC instant, ms'),
  }),
);

const answer = {
  ...about,
  tookMs: z.number().min(0),
  usage: usage.optional().describe('Absent: the provider did not say; the worst case is charged'),
  costUsd: z.number().min(0).optional().describe('By the prices the planner was given'),
  raw: z
    .string()
    .max(RAW_CHARS_MAX)
    .meta(personal)
    .optional()
    .describe('What the model answered, cut to fit'),
};

export const PlanProposed = defineEvent('plan.proposed', 1, z.object({ ...answer, proposal }));

/** `called: false`: the model was not asked, so nothing is charged. */
export const PlanFailed = defineEvent(
  'plan.failed',
  1,
  z.object({
    ...answer,
    failure,
    called: z.boolean(),
    stop: stopNote.optional().describe('With the code `planner.stopped`: what stopped it'),
  }),
);

export const planLifeEvents = [PlanAttemptStarted, PlanProposed, PlanFailed] as const;
export type PlanEvent = MessageOf<(typeof planLifeEvents)[number]>;
