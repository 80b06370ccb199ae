import { z } from 'zod';
import { commandIdText, reasonText, type Shown } from './fields.js';

const everyCommand = { reason: reasonText, commandId: commandIdText.optional() };
const step = z.string().min(1).max(500);

export const runCommandBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('cancel'), ...everyCommand, rollback: z.boolean().default(false) }),
    z.strictObject({ type: z.literal('pause'), ...everyCommand }),
    z.strictObject({ type: z.literal('resume'), ...everyCommand }),
    z.strictObject({
      type: z.literal('signal'),
      ...everyCommand,
      name: z.string().min(1).max(200),
      data: z.unknown().optional(),
    }),
    z.strictObject({ type: z.literal('retry'), ...everyCommand, step }),
    z.strictObject({ type: z.literal('skip'), ...everyCommand, step }),
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
  ])
  .meta({ id: 'RunCommand' });
/** What somebody tells a run to do. */
export type RunCommandBody = Shown<z.output<typeof runCommandBody>>;

export const commandAnswer = z.object({ commandId: z.string(), runId: z.string() });
export type CommandAnswer = Shown<z.output<typeof commandAnswer>>;
