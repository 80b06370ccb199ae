import { z } from 'zod';
import { REPLY_CHARS_MAX } from '../question.limits.js';
import { stepNames } from '../run.commands.js';
import { commandIdText, reasonText, type Shown } from './fields.js';

const everyCommand = { reason: reasonText, commandId: commandIdText.optional() };
const step = z.string().min(1).max(500);

/** The kinds of commands that may be given to many runs, each with what all of them say besides. */
const kindsWith = <Every extends z.ZodRawShape>(every: Every) =>
  [
    z.strictObject({ type: z.literal('cancel'), ...every, rollback: z.boolean().default(false) }),
    z.strictObject({ type: z.literal('pause'), ...every }),
    z.strictObject({
      type: z.literal('resume'),
      ...every,
      from: step.optional().describe('Takes a run up again that has ended, from this step'),
    }),
    z.strictObject({ type: z.literal('close'), ...every }),
    z
      .strictObject({ type: z.literal('erase'), ...every })
      .describe('Erases, for good, the values that a run which has ended keeps outside of the log'),
    z.strictObject({
      type: z.literal('signal'),
      ...every,
      name: z.string().min(1).max(200),
      data: z.unknown().optional(),
    }),
    z.strictObject({ type: z.literal('retry'), ...every, step }),
    z.strictObject({ type: z.literal('skip'), ...every, step }),
    z.strictObject({
      type: z.literal('migrate'),
      ...every,
      version: z.int().min(1).describe('Of the same workflow'),
      map: stepNames
        .optional()
        .describe('Steps that are called otherwise in that version: the id here, then the id there'),
    }),
  ] as const;

export const runCommandBody = z
  .discriminatedUnion('type', [
    ...kindsWith(everyCommand),
    z
      .strictObject({
        type: z.literal('resolve'),
        ...everyCommand,
        step,
        happened: z.boolean().describe('Whether the call of the step happened'),
        output: z.unknown().optional().describe('What it gave, where it happened: as its tool gives it'),
      })
      .refine(({ happened, output }) => happened || output === undefined, {
        path: ['output'],
        error: 'is only of a call that happened: leave it out',
      }),
    z
      .strictObject({
        type: z.literal('answer'),
        ...everyCommand,
        step,
        value: z.unknown().describe('What the form of the step takes'),
      })
      .refine(({ value }) => value !== undefined, { path: ['value'], error: 'is required' }),
    z.strictObject({
      type: z.literal('reply'),
      commandId: everyCommand.commandId,
      question: z.string().min(1).max(500).describe('Its id, as `waitingFor` shows it'),
      text: z.string().min(1).max(REPLY_CHARS_MAX),
    }),
  ])
  .meta({ id: 'RunCommand' });
/** What somebody tells a run to do. */
export type RunCommandBody = Shown<z.output<typeof runCommandBody>>;

export const commandAnswer = z.object({ commandId: z.string(), runId: z.string() });
export type CommandAnswer = Shown<z.output<typeof commandAnswer>>;

/** What each run of a bulk order is told: the reason is the order's. What is known of one call is said of one run. */
export const bulkCommandBody = z.discriminatedUnion('type', kindsWith({})).meta({ id: 'BulkCommand' });
