import { z } from 'zod';
import { vote } from '../approval.events.js';
import { stopScope } from '../control.events.js';
import { shownVote } from './activation.js';
import { commandIdText, instantText, reasonText, type Shown } from './fields.js';

export const stopIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of a stop');

const scope = stopScope.describe('Exactly one of these').meta({ id: 'StopScope' });

export const stop = z
  .object({
    stopId: z.string(),
    scope,
    compensations: z.boolean().describe('Whether calls that undo something are stopped too'),
    status: z
      .enum(['in_force', 'lifting', 'lifted'])
      .describe('lifting: still in force; one more person has to agree to lift it'),
    reason: z.string(),
    by: z.string(),
    stoppedAt: instantText,
    liftedBy: z.array(z.string()).describe('Who has agreed to lift it, since the last no'),
    votes: z.array(shownVote),
    liftedAt: instantText.optional(),
  })
  .meta({ id: 'Stop' });
/** A kill switch that was thrown, as the interface shows it. */
export type Stop = Shown<z.output<typeof stop>>;

export const stopList = z.object({ items: z.array(stop) });
export type StopList = Shown<z.output<typeof stopList>>;

const commandId = commandIdText.optional();

export const stopBody = z.strictObject({
  scope,
  compensations: z.boolean().default(false).describe('Also stop calls that undo something'),
  reason: reasonText,
  commandId,
});
export type StopBody = Shown<z.output<typeof stopBody>>;

/** A DELETE may come without a body: then it is `{}`. */
export const liftBody = z.strictObject({ reason: reasonText.default('no reason given'), commandId });
export type LiftBody = Shown<z.output<typeof liftBody>>;

export const liftVoteBody = z.strictObject({ vote, reason: reasonText, commandId });
export type LiftVoteBody = Shown<z.output<typeof liftVoteBody>>;
