import { durationText, QUESTIONS_MAX } from '@interlock/contracts';
import { z } from 'zod';
import {
  artifactName,
  artifactReference,
  celText,
  jsonSchemaObject,
  stepId,
  template,
  templateObject,
} from './fields.schema.js';
import { limits } from './limits.js';
import { stepSla } from './sla.schema.js';

/**
 * What every step may say.
 *
 *   timeout    `PT1M` is the total, over all attempts; `{ attempt, total }` says both
 *   retry      for how long, and numbers per failure class; a class that is not retried by its meaning cannot be named
 *   onExhausted  when a call of the step has failed for good of what may pass: `park` or `fail`; absent: what the workflow says
 *   onFailure  `{ fallback: step }`, `{ value: anything }`, `escalate` or `fail`; absent: what the failure class says
 */
const backoff = z.strictObject({
  attempts: z.number().int().min(1).max(100).optional().describe('Attempts in total, the first included'),
  backoff: durationText
    .optional()
    .describe('Before the second attempt; doubles from there, with full jitter'),
  maxBackoff: durationText.optional(),
});

export const retry = z.strictObject({
  for: durationText
    .optional()
    .describe('From the first failure on, inside the timeout; where no attempts are said ten minutes'),
  cap: durationText.optional().describe('The longest wait between two attempts; a minute'),
  transient: backoff.optional(),
  timeout: backoff.optional().describe('Reads only: a write that timed out is recovered, not retried'),
  rate_limited: z.strictObject({ maxWait: durationText.optional() }).optional(),
});

export const onFailure = z.union([
  z.enum(['escalate', 'fail']),
  z.strictObject({ fallback: stepId }),
  z.strictObject({ value: template }),
]);

export const onExhausted = z
  .enum(['park', 'fail'])
  .describe(
    'When retries have not helped and the step says no other way on: an operator decides, or it fails',
  );

export const everyStep = {
  needs: z.array(stepId).max(500).optional(),
  when: celText.optional(),
  timeout: z
    .union([
      durationText,
      z.strictObject({ attempt: durationText.optional(), total: durationText.optional() }),
    ])
    .optional(),
  retry: retry.optional(),
  onFailure: onFailure.optional(),
  onExhausted: onExhausted.optional(),
  sla: stepSla.optional(),
  pivot: z.boolean().optional().describe('After this step there is only forward'),
};

export const toolStep = z.strictObject({
  ...everyStep,
  tool: artifactReference,
  with: templateObject.optional(),
});

const decide = z.union([
  artifactReference,
  z.strictObject({ table: artifactReference, with: templateObject.optional() }),
]);
export const decideStep = z.strictObject({ ...everyStep, decide });

const wait = z.union([
  z.strictObject({ for: durationText }),
  z.strictObject({
    until: z.string().min(1).describe('An instant in ISO 8601, or an expression that gives one'),
  }),
  z.strictObject({ signal: z.string().min(1).max(200), deadline: durationText }),
]);
export const waitStep = z.strictObject({ ...everyStep, wait });

const spending = {
  tokens: z.number().int().min(1).optional(),
  costUsd: z.number().positive().optional(),
  steps: z.number().int().min(1).optional(),
  toolCalls: z.number().int().min(1).optional(),
  calls: z
    .record(artifactName, z.number().int().min(1))
    .refine((tools) => Object.keys(tools).length <= limits.toolBudgetsMax, {
      error: `names more than ${limits.toolBudgetsMax} tools`,
    })
    .optional()
    .describe('Of single tools, by their names'),
};

export const budget = z.strictObject({ ...spending, duration: durationText.optional() });

const roles = z.array(z.string().min(1).max(200)).min(1).max(50);

export const approvalStep = z.strictObject({
  ...everyStep,
  approval: z.strictObject({
    question: z.string().min(1).max(4_000).describe('For people; may hold expressions'),
    details: templateObject.optional().describe('What they are shown with it'),
    approvers: roles.describe('Roles, any of which may vote'),
    required: z
      .enum(['single', 'dual'])
      .optional()
      .describe('One person, which is the default, or two; never who started the run'),
    remind: durationText.optional(),
    escalate: z
      .strictObject({ to: z.union([z.string().min(1).max(200), roles]), after: durationText })
      .optional()
      .describe('Roles that may vote too from then on'),
    expires: durationText.optional(),
    onExpiry: z
      .enum(['deny', 'fallback'])
      .optional()
      .describe('What silence means: a denial, which is the default, or a timeout'),
  }),
});

export const formStep = z.strictObject({
  ...everyStep,
  form: z.strictObject({
    question: z.string().min(1).max(4_000).describe('For people; may hold expressions'),
    details: templateObject.optional().describe('What they are shown with it'),
    schema: jsonSchemaObject.describe('JSON Schema of the answer, which the step gives'),
    roles: roles.describe('Roles, any of which may answer'),
    expires: durationText.optional().describe('The step fails then; default: a day'),
  }),
});

const ask = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .max(4_000)
      .describe('Whom the step serves: the subject of a person; may hold expressions'),
    channel: z
      .enum(['signal', 'webhook'])
      .describe(
        'signal: the person answers with a command to the run. webhook: notifications (on: asked) tell a system of it, which answers by a trigger',
      ),
    trigger: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be the name of a trigger')
      .optional()
      .describe('For the channel webhook: whose signed events may answer, and no other’s'),
    within: durationText.describe('After that the model is told that nobody has answered'),
    max: z
      .number()
      .int()
      .min(1)
      .max(QUESTIONS_MAX)
      .optional()
      .describe('Questions of the step at most; 3, which is the default'),
  })
  .refine(({ channel, trigger }) => channel !== 'webhook' || trigger !== undefined, {
    path: ['trigger'],
    error: 'is required with the channel webhook: the trigger whose events answer',
  })
  .refine(({ channel, trigger }) => channel !== 'signal' || trigger === undefined, {
    path: ['trigger'],
    error: 'is for the channel webhook alone: leave it out',
  });

export const agentStep = z.strictObject({
  ...everyStep,
  agent: z.strictObject({
    goal: z.string().min(1).max(8_000).describe('For the model; may hold expressions'),
    tools: z.array(artifactReference).max(128).describe('What it may propose to call, and nothing else'),
    facts: templateObject
      .optional()
      .describe('What the model is told. Absent: the input, and the outputs of the steps it needs'),
    output: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of what the step gives'),
    budget: z.strictObject(spending).optional().describe('Inside that of the run; steps are rounds'),
    reflect: z.strictObject({ rounds: z.number().int().min(0).max(10) }).optional(),
    minConfidence: z.number().min(0).max(1).optional().describe('Below it the baseline acts'),
    baseline: z.strictObject({ decide }).describe('The rules that act without a model, and when it cannot'),
    prompt: artifactReference.optional(),
    ask: ask.optional().describe('Its model may ask whom the step serves, and waits for the answer'),
    approvers: roles.optional().describe('Who approves what a model does; without it: operator'),
    reads: z
      .enum(['free', 'asked'])
      .optional()
      .describe(
        'Whether people approve what the model reads, too; free, which is the default, leaves it to policy',
      ),
    autonomy: z
      .enum(['gated', 'baseline', 'shadow', 'assisted'])
      .optional()
      .describe('At most; gated, which is the default, leaves it to what the model has earned'),
  }),
});

/** Any step, inside a body. Its form is known once every kind of step is. */
const bodySteps = z
  .record(
    stepId,
    z.lazy(() => anyStep()),
  )
  .describe('The body: steps, which may need one another');

let anyStep: () => z.ZodType<WrittenStep> = () => z.never();

/** Says what a step in a body is: a step of any kind, so that bodies nest. */
export function useAnyStep(schema: z.ZodType<WrittenStep>): void {
  anyStep = () => schema;
}

const bodyOutput = template
  .optional()
  .describe('What one turn of the body gives. Default: the output of every step in it by its id');

const localName = z.string().regex(/^[a-z][A-Za-z0-9_]{0,62}$/, {
  error: 'must be a name like line: a small letter, then letters, digits or "_"',
});

export const forEachStep = z.strictObject({
  ...everyStep,
  forEach: z.strictObject({
    in: template.describe('A list, or an expression that gives one'),
    as: localName.optional().describe('The name of the item in the body; item, which is the default'),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(limits.concurrencyMax)
      .optional()
      .describe('Items at a time; default 10'),
    failAfter: z
      .union([
        z.number().int().min(0),
        z.string().regex(/^(100|[1-9]?[0-9])(\.[0-9]{1,3})? ?%$/, {
          error: 'must be a number of items, or a share like 5 %',
        }),
      ])
      .optional()
      .describe(
        'The step fails once more items than this have failed; 0, which is the default: with the first',
      ),
  }),
  steps: bodySteps,
  output: bodyOutput,
});

export const repeatStep = z.strictObject({
  ...everyStep,
  repeat: z.strictObject({
    until: celText.describe('CEL over the steps of the pass that has just ended'),
    max: z
      .number()
      .int()
      .min(1)
      .max(limits.turnsMax)
      .describe('The step fails if it has not come true in so many passes'),
    every: durationText.optional().describe('From the start of one pass to the start of the next, at least'),
  }),
  steps: bodySteps,
  output: bodyOutput,
});

const branch = { steps: bodySteps, output: bodyOutput };

export const switchStep = z.strictObject({
  ...everyStep,
  switch: z
    .array(
      z.union([
        z.strictObject({ when: celText, ...branch }),
        z.strictObject({ otherwise: z.union([z.literal(true), z.null()]), ...branch }),
      ]),
    )
    .min(1)
    .max(limits.branchesMax)
    .describe('The first branch whose condition holds is taken; otherwise may stand last'),
});

export const workflowStep = z.strictObject({
  ...everyStep,
  workflow: artifactReference.describe('A published workflow: the step starts a run of it'),
  with: templateObject.optional().describe('Its input'),
  detached: z
    .boolean()
    .optional()
    .describe('The step gives the id of the run at once: that run has its own budget, and outlives this one'),
});

export type ToolStep = z.output<typeof toolStep>;
export type DecideStep = z.output<typeof decideStep>;
export type WaitStep = z.output<typeof waitStep>;
export type AgentStep = z.output<typeof agentStep>;
export type ApprovalStep = z.output<typeof approvalStep>;
export type FormStep = z.output<typeof formStep>;
export type WorkflowStep = z.output<typeof workflowStep>;
export type ForEachStep = z.output<typeof forEachStep>;
export type RepeatStep = z.output<typeof repeatStep>;
export type SwitchStep = z.output<typeof switchStep>;
export type Budget = z.output<typeof budget>;
export type Retry = z.output<typeof retry>;
export type OnFailure = z.output<typeof onFailure>;

/** What a step says whatever its kind. */
export type WrittenStep = z.output<z.ZodObject<typeof everyStep>>;
