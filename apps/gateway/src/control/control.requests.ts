import { stopScope, vote } from '@interlock/contracts';
import { z } from 'zod';
import { commandIdText, reasonText as reason } from '../http/request.schema.js';

const commandId = commandIdText.optional();

export const stopBody = z.strictObject({
  scope: stopScope,
  compensations: z.boolean().default(false),
  reason,
  commandId,
});
export type StopBody = z.output<typeof stopBody>;

/** A DELETE may come without a body. */
export const liftBody = z.strictObject({ reason: reason.default('no reason given'), commandId }).prefault({});
export type LiftBody = z.output<typeof liftBody>;

export const liftVoteBody = z.strictObject({ vote, reason, commandId });
export type LiftVoteBody = z.output<typeof liftVoteBody>;

export const stopIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of a stop');
