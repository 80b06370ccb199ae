import { z } from 'zod';
import { autonomyLevel } from './autonomy.js';
import { partId } from './part.id.js';
import { stepPathText } from './step.path.js';

const step = stepPathText.describe('Path of the agent step');

/** A model whose proposal led to what is asked for: it was performed, or its output was used (docs/models.md). */
export const influence = z.object({
  step,
  level: autonomyLevel,
  model: z.string().describe('`provider/name`'),
  plan: partId.describe('Id of the `plan.requested` whose answer was used last'),
});
export type Influence = z.output<typeof influence>;

/** A model of a run above, that led to what this run was started with. */
export const inheritedInfluence = influence.extend({
  workflow: z.string().describe('Hash of the workflow that has the agent step'),
});
export type InheritedInfluence = z.output<typeof inheritedInfluence>;

/** Of a request for a call. Absent: nothing that a model said has reached it. */
export const influencedBy = z
  .array(influence)
  .min(1)
  .describe('The models whose proposals led to it, by their steps');

/**
 * What a run must remember to know which model influenced what; everything else follows from its workflow.
 *
 *   asked      a model answered for an agent step, and this plan counts from now on
 *   used       a proposal of the step was performed, or its output became the step's
 *   requested  a call of a step has been requested; with `approved`: people approved exactly this call, as this request
 *   endorsed   people approved what this step gives: its question, or the call that has now succeeded
 *   fell_back  the step failed, and its fallback or its value stands in; with whoever spent what it lacked
 *   lent       a child of the step has ended, and models of it led to what it gave: their steps stand behind that of the child
 */
export const influenceFact = z.discriminatedUnion('kind', [
  influence.extend({ kind: z.literal('asked') }),
  z.object({ kind: z.literal('used'), step }),
  z.object({
    kind: z.literal('requested'),
    step,
    approved: z.object({ callHash: z.string(), requestId: partId }).optional(),
  }),
  z.object({ kind: z.literal('endorsed'), step }),
  z.object({
    kind: z.literal('fell_back'),
    step,
    to: z.string().optional(),
    spenders: z
      .array(z.string())
      .describe('Agent steps of which a model had been asked by then, where a budget was used up'),
  }),
  z.object({ kind: z.literal('lent'), step, by: z.array(influence).min(1) }),
]);
export type InfluenceFact = z.output<typeof influenceFact>;
