import { z } from 'zod';
import { authority } from './authority.js';
import { internal, personal } from './classification.js';
import { defineCommand, type MessageOf } from './define.js';
import { partId } from './part.id.js';
import { REPLY_CHARS_MAX } from './question.limits.js';
import { STEP_ID } from './step.path.js';
import { instant } from './time.js';

/** Steps that one migration may rename: the command of a bulk order has to stay small. */
const RENAMED_MAX = 50;
const stepId = z.string().regex(STEP_ID, 'must be the id of a step');

export const identity = z.object({
  sub: z.string().min(1),
  roles: z.array(z.string()),
  tenant: z.string().optional(),
  authority: authority.optional(),
});
export type Identity = z.output<typeof identity>;

/** 128 random bits of a run, which every hash of its calls and questions covers. Shown to nobody who may not see what is hashed. */
export const salt = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .meta(internal)
  .describe('Random salt of the run, base64url');

const envelope = {
  commandId: z.string().min(1).describe('Repeats are ignored'),
  runId: z.string().min(1),
  by: identity,
  issuedAt: instant.describe('UTC instant, ms; older than the command window is refused'),
};

export const StartRun = defineCommand(
  'run.start',
  1,
  z.object({
    ...envelope,
    workflow: z.object({ name: z.string(), version: z.number().int(), hash: z.string() }),
    input: z.unknown().meta(personal),
    requestHash: z
      .string()
      .meta(internal)
      .describe('Hash of the request body: a second start with another body is refused'),
    salt,
    key: z
      .string()
      .min(1)
      .optional()
      .meta(internal)
      .describe(
        'Idempotency-Key of the caller, from which `runId` follows; absent: `runId` is of another form',
      ),
  }),
);

const reason = z.string().max(2_000).meta(personal);

export const CancelRun = defineCommand(
  'run.cancel',
  1,
  z.object({ ...envelope, reason, rollback: z.boolean() }),
);

/** Nothing new starts until the run is resumed; what is open is still answered and recorded. */
export const PauseRun = defineCommand('run.pause', 1, z.object({ ...envelope, reason }));
export const ResumeRun = defineCommand(
  'run.resume',
  1,
  z.object({
    ...envelope,
    reason,
    from: z
      .string()
      .min(1)
      .optional()
      .describe('The run has ended: it is taken up again from this step. Absent: it is paused'),
  }),
);

/** A person has looked at a run that ended with something for people to look at. */
export const CloseRun = defineCommand('run.close', 1, z.object({ ...envelope, reason }));

/** The values that a run which has ended keeps outside of the log are erased for good, and with them those of the runs below it. */
export const EraseRun = defineCommand('run.erase', 1, z.object({ ...envelope, reason }));

export const SignalRun = defineCommand(
  'run.signal',
  1,
  z.object({ ...envelope, reason, name: z.string().min(1), data: z.unknown().meta(personal) }),
);

/** Answers for a parked step: it is known not to have happened, or is to be tried again. */
export const RetryStep = defineCommand(
  'run.retry',
  1,
  z.object({ ...envelope, reason, step: z.string().min(1) }),
);

/** Answers for a parked step: go on without it. */
export const SkipStep = defineCommand(
  'run.skip',
  1,
  z.object({ ...envelope, reason, step: z.string().min(1) }),
);

/** Answers for the call of a parked step: it happened, with this output, or it did not. */
export const ResolveStep = defineCommand(
  'run.resolve',
  1,
  z.object({
    ...envelope,
    reason,
    step: z.string().min(1),
    happened: z.boolean(),
    output: z.unknown().meta(personal).optional().describe('What the call gave, where it happened'),
  }),
);

/** Answers what a form step asks, by somebody with one of its roles. */
export const AnswerForm = defineCommand(
  'run.answer',
  1,
  z.object({
    ...envelope,
    reason,
    step: z.string().min(1),
    value: z.unknown().meta(personal).describe('As the schema of the step has it'),
  }),
);

/** Answers what an agent step has asked: whom it asked, or an operator in their place. */
export const ReplyToQuestion = defineCommand(
  'run.reply',
  1,
  z.object({
    ...envelope,
    question: partId.describe('Id of the `question.asked`'),
    text: z.string().min(1).max(REPLY_CHARS_MAX).meta(personal),
    trigger: z.string().min(1).optional().describe('Whose signed event it is; absent: a person gives it'),
  }),
);

/** Steps of the workflow that are called otherwise in another version: the old id, then the new one. */
export const stepNames = z
  .record(stepId, stepId)
  .refine((names) => Object.keys(names).length <= RENAMED_MAX, `at most ${RENAMED_MAX} steps may be renamed`);
export type StepNames = z.output<typeof stepNames>;

/** The run goes on as another version of its workflow says. */
export const MigrateRun = defineCommand(
  'run.migrate',
  1,
  z.object({ ...envelope, reason, version: z.number().int().min(1), map: stepNames.optional() }),
);

export const runCommandMessages = [
  StartRun,
  CancelRun,
  PauseRun,
  ResumeRun,
  SignalRun,
  RetryStep,
  SkipStep,
  ResolveStep,
  AnswerForm,
  ReplyToQuestion,
  CloseRun,
  MigrateRun,
  EraseRun,
] as const;
export type RunCommand = MessageOf<(typeof runCommandMessages)[number]>;
