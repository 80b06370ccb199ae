import { z } from 'zod';
import { autonomyLevel } from './autonomy.js';
import { internal, personal } from './classification.js';
import { defineEvent } from './define.js';
import { failure } from './failure.js';
import { partId } from './part.id.js';
import { proposal, usage } from './plan.events.js';
import { salt } from './run.commands.js';
import { runPrincipal } from './run.principal.js';
import { stepPath } from './step.path.js';
import { instant } from './time.js';

/** What an agent step does, round by round: part of `run.events`. */

const step = stepPath;

const amounts = z.object({ tokens: z.number().int().min(0), costUsd: z.number().min(0) });

export const AgentStarted = defineEvent(
  'agent.started',
  1,
  z.object({
    step,
    level: autonomyLevel,
    why: z.string().max(1_000).describe('Why this level acts'),
    model: z.string().optional().describe('`provider/name`'),
    promptHash: z.string().optional(),
    tools: z.array(z.object({ name: z.string(), version: z.number().int(), toolHash: z.string() })),
  }),
);

/** What became of a proposed call, as the next round and people see it. */
export const observation = z.object({
  round: z.number().int().min(1),
  index: z.number().int().min(0).describe('In the calls of that round'),
  tool: z
    .string()
    .meta(personal)
    .describe('As the model wrote it; `call.requested` names the tool of a call that is made'),
  arguments: z.unknown().meta(personal),
  occurrence: z.number().int().min(1),
  result: z
    .enum(['succeeded', 'failed', 'denied', 'unknown', 'unusable', 'unlisted', 'repeated', 'skipped'])
    .describe(
      'unknown: a person went on without knowing whether it happened. unusable: it happened, and what it gave cannot be used. unlisted: not among the tools of the step. repeated: proposed before. skipped: given up before its turn',
    ),
  output: z.unknown().meta(personal).optional().describe('Cut to a text when it is long'),
  failure: failure.optional(),
});
export type Observation = z.output<typeof observation>;

/** A question that the model has asked, as the next round and people see it. */
export const askedQuestion = z.object({
  round: z.number().int().min(1),
  question: z.string().meta(personal),
  answer: z.string().meta(personal).optional().describe('Absent: nobody has answered in time'),
});
export type AskedQuestion = z.output<typeof askedQuestion>;

/** Asks the planner for a proposal. Self-contained: what the model is told is exactly what stands here. */
export const PlanRequested = defineEvent(
  'plan.requested',
  1,
  z.object({
    step,
    round: z.number().int().min(1),
    attempt: z.number().int().min(1).default(1).describe('Requests of this round so far, this one included'),
    purpose: z
      .enum(['act', 'reflect', 'shadow'])
      .describe('reflect: to look once more at the output it proposed. shadow: nothing of it is done'),
    level: autonomyLevel.describe('The level at which the step acts'),
    model: z.string(),
    promptHash: z.string(),
    goal: z.string().meta(personal),
    tools: z.array(z.object({ name: z.string(), version: z.number().int(), toolHash: z.string() })),
    output: z.unknown().meta(internal).optional().describe('JSON Schema of the step’s output'),
    ask: z
      .object({ left: z.number().int().min(1).describe('As many more questions the step may ask') })
      .optional()
      .describe('Absent: the model may ask nobody'),
    known: z.object({
      facts: z.unknown().meta(personal).describe('Input of the run, and outputs of the steps it needs'),
      observed: z.array(observation),
      asked: z.array(askedQuestion).optional().describe('Of a step that may ask: what it asked so far'),
      proposed: proposal.optional().describe('What is to be reflected on'),
    }),
    salt,
    callHash: z
      .string()
      .describe(
        'sha256 of model, prompt, goal, tools, output, whether it may ask, what is known, and the salt',
      ),
    reserved: amounts.describe('The most that this request may use'),
    notAfter: instant.describe('UTC instant, ms'),
    timeoutMs: z.number().int().positive(),
    principal: runPrincipal,
  }),
);

/**
 * The planner’s answer, and what it costs. Of a proposal to act the event asks policy (`model.output`): its id is the
 * check’s id. `charged` is the whole reservation when nobody knows what was used.
 */
export const PlanRecorded = defineEvent(
  'plan.recorded',
  1,
  z.object({
    planId: partId,
    step,
    round: z.number().int().min(1),
    purpose: z.enum(['act', 'reflect', 'shadow']),
    level: autonomyLevel.describe('The level at which the step acts'),
    model: z.string(),
    outcome: z.union([
      z.object({ kind: z.literal('proposed'), proposal }),
      z.object({ kind: z.literal('failed'), failure }),
    ]),
    usage: usage.optional(),
    charged: amounts,
    raw: z.string().meta(personal).optional(),
    tookMs: z.number().min(0).optional(),
    asks: z.boolean().describe('Policy is asked whether it may be acted on'),
    agrees: z
      .boolean()
      .optional()
      .describe('Of a plan in shadow: it proposed the output that the baseline gave'),
    principal: runPrincipal,
  }),
);

/** A proposed call has come to its end, or will not be made. */
export const AgentObserved = defineEvent('agent.observed', 1, z.object({ step, observation }));

/** The model does not act any more: the baseline does. */
export const AgentFellBack = defineEvent('agent.fell_back', 1, z.object({ step, failure }));

/** The planner is asked again. */
export const PlanRetryScheduled = defineEvent(
  'plan.retry_scheduled',
  1,
  z.object({
    step,
    failure,
    due: instant,
    model: z.string().describe('The model that is asked then'),
  }),
);

export const agentEvents = [
  AgentStarted,
  PlanRequested,
  PlanRecorded,
  AgentObserved,
  AgentFellBack,
  PlanRetryScheduled,
] as const;
