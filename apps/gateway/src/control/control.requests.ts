import { stopScope, vote } from '@interlock/contracts';
import { z } from 'zod';

const reason = z.string().min(1).max(2_000);
/** Whoever repeats a request under one id means the same command. */
const commandId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters');

export const stopBody = z.strictObject({
  scope: stopScope,
  compensations: z.boolean().default(false),
  reason,
  commandId: commandId.optional(),
});
export type StopBody = z.output<typeof stopBody>;

/** A DELETE may come without a body. */
export const liftBody = z
  .strictObject({ reason: reason.default('no reason given'), commandId: commandId.optional() })
  .prefault({});
export type LiftBody = z.output<typeof liftBody>;

export const liftVoteBody = z.strictObject({ vote, reason, commandId: commandId.optional() });
export type LiftVoteBody = z.output<typeof liftVoteBody>;

export const stopIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of a stop');
