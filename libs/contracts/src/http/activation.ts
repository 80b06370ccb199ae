import { z } from 'zod';
import { vote } from '../approval.events.js';
import { activationGrounds, activationStatuses } from '../policy.activation.js';
import { commandIdText, instantText, reasonText, type Shown } from './fields.js';

const bundleHash = z.string().regex(/^[0-9a-f]{64}$/, 'must be the hash of a bundle: 64 hexadecimal digits');

/** A vote on an activation of a bundle or on lifting a stop, as people see it. */
export const shownVote = z.object({ by: z.string(), vote, reason: z.string(), at: instantText });
export type ShownVote = Shown<z.output<typeof shownVote>>;

export const activationIdText = z.string().regex(/^[0-9a-f]{24}$/, 'is not the id of an activation');

export const activation = z
  .object({
    activationId: z.string(),
    hash: bundleHash,
    from: bundleHash.optional().describe('The bundle it would replace, or has replaced'),
    status: z.enum(activationStatuses).describe('superseded: another bundle came into force meanwhile'),
    needed: z.int().min(1).max(2).describe('How many different people'),
    approvedBy: z.array(z.string()),
    by: z.string(),
    reason: z.string(),
    votes: z.array(shownVote),
    openedAt: instantText,
    until: instantText,
  })
  .meta({ id: 'Activation' });
/** An activation of a policy bundle as the interface shows it. */
export type Activation = Shown<z.output<typeof activation>>;

export const activationList = z.object({ items: z.array(activation) });
export type ActivationList = Shown<z.output<typeof activationList>>;

export const activePolicy = z
  .object({
    hash: bundleHash,
    name: z.string(),
    version: z.int(),
    activationId: z.string(),
    from: bundleHash.optional(),
    because: z
      .enum(activationGrounds)
      .describe(
        'Why so many people were enough: two agreed; it was in force before; it is the bundle in force and forbids more; one is enough in development; a module’s text changed (development)',
      ),
    by: z.string(),
    approvedBy: z.array(z.string()),
    activatedAt: instantText,
  })
  .meta({ id: 'ActivePolicy' });
export type ActivePolicy = Shown<z.output<typeof activePolicy>>;

const asked = { hash: bundleHash, reason: reasonText, commandId: commandIdText.optional() };

export const activationBody = z.strictObject(asked);
export type ActivationBody = Shown<z.output<typeof activationBody>>;

export const activationVoteBody = z.strictObject({ vote, ...asked });
export type ActivationVoteBody = Shown<z.output<typeof activationVoteBody>>;
