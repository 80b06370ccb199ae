import { durationText, failureClass, QUESTION_CHARS_MAX, refusalCodes } from '@interlock/contracts';
import { z } from 'zod';
import { after, fields, name, step, tool, value } from './case.fields.js';

/** What a tool answers in a case. The first answer that fits a call, and is not used up, is given. */

const failure = z.strictObject({
  class: failureClass,
  code: name.optional().describe('Absent: the class'),
  message: z.string().max(4_000).optional(),
  retryAfter: durationText.optional().describe('What a target that limits its rate asks for'),
  data: z.unknown().optional().describe('Fields of a declared failure'),
});

const whichCall = {
  tool,
  step: step.optional().describe('Only to calls of this step'),
  arguments: fields.optional().describe('Only to calls with these arguments; others may stand beside them'),
  times: z.number().int().min(1).max(10_000).optional().describe('So often; absent: always'),
  takes: durationText.optional().describe('How long the tool works; absent: no time'),
};

const happened = {
  output: value.describe('What the tool gives; it has to fit the output schema of the tool'),
  compensate: fields
    .optional()
    .describe('Arguments of the call that undoes it, as `compensate.with` of the tool works them out'),
};

/** Codes that follow from what a run does by itself, or from a stop, which a case has none of. */
const given: ReadonlySet<string> = new Set(['revoked', 'killed']);

export const answer = z
  .union([
    z.strictObject({ ...whichCall, ...happened }),
    z.strictObject({ ...whichCall, failure }),
    z.strictObject({
      ...whichCall,
      unknown: z.string().min(1).max(2_000).describe('Nobody knows whether it happened, and why'),
      late: z
        .union([
          z.strictObject({ after: durationText, ...happened }),
          z.strictObject({ after: durationText, failure }),
        ])
        .optional()
        .describe('What turns out afterwards, if anything does'),
    }),
    z.strictObject({
      ...whichCall,
      refused: z
        .enum(refusalCodes.filter((code) => !given.has(code)))
        .describe('The executor calls nothing, for this reason'),
    }),
  ])
  .describe('One of output, failure, unknown, refused');
export type Answer = z.output<typeof answer>;
export type AnsweredFailure = z.output<typeof failure>;

/** What a model proposes in one round of an agent step, in place of a planner. */
const whichPlan = {
  step: step.optional(),
  times: z.number().int().min(1).max(10_000).optional().describe('So often; absent: always'),
};
const proposedCall = z.strictObject({
  tool: z.string().max(200),
  arguments: z.unknown().optional(),
  occurrence: z.number().int().min(1).max(100).optional(),
});
export const plan = z
  .union([
    z.strictObject({
      ...whichPlan,
      question: z.string().min(1).max(QUESTION_CHARS_MAX).describe('To whom the step serves'),
      calls: z.array(proposedCall).max(20).optional().describe('Made before it is asked'),
      confidence: z.number().min(0).max(1).optional().describe('Absent: 1'),
    }),
    z.strictObject({
      ...whichPlan,
      calls: z.array(proposedCall).min(1).max(20),
      confidence: z.number().min(0).max(1).optional().describe('Absent: 1'),
      output: z.unknown().optional().describe('Ends the step'),
    }),
    z.strictObject({
      ...whichPlan,
      output: value.describe('Of the step'),
      confidence: z.number().min(0).max(1).optional().describe('Absent: 1'),
    }),
    z.strictObject({ ...whichPlan, failure }),
  ])
  .describe('A question, calls, the output of the step, or a failure');
export type CasePlan = z.output<typeof plan>;

/** Verdicts in place of policy. Absent for a call: it is allowed. */
const approvalAsked = z.strictObject({
  required: z.enum(['single', 'dual']),
  approvers: z.array(name).min(1).max(50).describe('Roles'),
  escalateTo: z.array(name).max(50).optional(),
  escalateAfter: after,
  expires: durationText.optional(),
  onExpiry: z.enum(['deny', 'fallback']).optional(),
});
export type ApprovalAsked = z.output<typeof approvalAsked>;

const whichCheck = {
  tool: tool.optional(),
  step: step.optional(),
  arguments: fields.optional(),
  times: z.number().int().min(1).max(10_000).optional(),
};

export const verdict = z
  .union([
    z.strictObject({
      ...whichCheck,
      deny: z.string().min(1).max(2_000).describe('Why'),
      point: z.enum(['before', 'after']).optional().describe('Absent: before the call'),
    }),
    z.strictObject({ ...whichCheck, approval: approvalAsked }),
    z.strictObject({ ...whichCheck, redact: z.array(name).min(1).max(100).describe('Paths of the output') }),
  ])
  .describe('One of deny, approval, redact');
export type ScriptedVerdict = z.output<typeof verdict>;
