import { z } from 'zod';
import { vote } from './approval.events.js';
import { defineCommand, defineEvent, type MessageOf } from './define.js';
import { activationErrors } from './errors/activation.errors.js';
import { codesOf } from './errors/error.entry.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

/** How a published bundle comes into force: part of `artifact.commands` and `artifact.events`. */

const command = {
  commandId: z.string().min(1).max(200).describe('Repeats are ignored'),
  by: identity,
  issuedAt: instant.describe('UTC instant, ms'),
};
const hash = z.string().min(1).max(200).describe('Of the bundle');
const reason = z.string().min(1).max(2_000);
const activationId = z.string().min(1).max(200);
const at = z.number().int().describe('UTC instant, ms');

export const ActivatePolicy = defineCommand('policy.activate', 1, z.object({ ...command, hash, reason }));

/** The second person’s answer. It names the bundle that the voter has looked at. */
export const VoteOnActivation = defineCommand(
  'policy.activation_vote',
  1,
  z.object({ ...command, activationId, vote, hash, reason }),
);

/** A module says which bundle its policies make. Whether that comes into force is decided by the registry. */
export const ProposePolicy = defineCommand('policy.propose', 1, z.object({ ...command, hash }));

export const ActivationOpened = defineEvent(
  'policy.activation_opened',
  1,
  z.object({
    activationId,
    commandId: z.string(),
    hash,
    from: hash.optional().describe('The bundle that it would replace'),
    by: identity,
    reason,
    needed: z.number().int().min(1).max(2).describe('How many different people'),
    at,
    until: instant.describe('UTC instant, ms: closed then unless enough have agreed'),
  }),
);

export const ActivationVoted = defineEvent(
  'policy.activation_voted',
  1,
  z.object({ activationId, commandId: z.string(), by: identity, vote, reason, at }),
);

export const activationGrounds = ['two_people', 'rollback', 'stricter', 'development', 'module'] as const;

/** From here on every question is asked of this bundle. */
export const PolicyActivated = defineEvent(
  'policy.activated',
  1,
  z.object({
    activationId,
    commandId: z.string(),
    hash,
    from: hash.optional().describe('The bundle that was in force before'),
    by: identity.describe('Who asked for it'),
    approvedBy: z.array(identity).min(1).describe('Everybody who agreed, `by` included'),
    because: z
      .enum(activationGrounds)
      .describe(
        'two_people: two agreed. rollback: it was in force before. stricter: the bundle in force and forbids more. development: one is enough there. module: a module’s text changed',
      ),
    at,
  }),
);

/** Why an activation came to nothing. */
export const activationClosings = ['denied', 'superseded', 'expired'] as const;
export const activationStatuses = ['pending', 'active', ...activationClosings] as const;

export const ActivationClosed = defineEvent(
  'policy.activation_closed',
  1,
  z.object({
    activationId,
    commandId: z.string().optional(),
    because: z.enum(activationClosings).describe('superseded: another bundle came into force meanwhile'),
    at,
  }),
);

export const activationRefusals = codesOf(activationErrors);

export const ActivationRefused = defineEvent(
  'policy.activation_refused',
  1,
  z.object({
    commandId: z.string(),
    activationId: activationId.optional(),
    code: z.enum(activationRefusals),
    message: z.string().max(2_000),
    by: identity,
    at,
  }),
);

/** What a module's policies make. Followed by `policy.activated` where that may come into force by itself. */
export const PolicyProposed = defineEvent(
  'policy.proposed',
  1,
  z.object({
    commandId: z.string(),
    hash,
    by: identity,
    activates: z.boolean().describe('False: a person’s bundle is in force, and only a person replaces it'),
    at,
  }),
);

export const activationCommands = [ActivatePolicy, VoteOnActivation, ProposePolicy] as const;
export const activationEvents = [
  ActivationOpened,
  ActivationVoted,
  PolicyActivated,
  ActivationClosed,
  ActivationRefused,
  PolicyProposed,
] as const;
export type ActivationEvent = MessageOf<(typeof activationEvents)[number]>;
