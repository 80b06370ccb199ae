import { z } from 'zod';
import { vote } from './approval.events.js';
import { autonomyLevel } from './autonomy.js';
import { defineCommand, defineEvent, type MessageOf } from './define.js';
import { codesOf } from './errors/error.entry.js';
import { stopErrors } from './errors/stop.errors.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

/** The kill switch: what starts nothing until people lift it. Commands come in `control.commands`, the registry answers in `control.events`. */

const name = z.string().min(1).max(200);
const reason = z.string().min(1).max(2_000);
const at = z.number().int().describe('UTC instant, ms');
const stopId = z.string().min(1).max(200);

/** Exactly one of these. */
export const stopScope = z.union([
  z.strictObject({ tool: name.describe('Calls of this tool, whatever its version') }),
  z.strictObject({ workflow: name.describe('Calls of its runs, and their requests to models') }),
  z.strictObject({ tenant: name.describe('Calls of its runs, and their requests to models') }),
  z.strictObject({
    level: autonomyLevel.describe('What models propose at this level, and requests to models at it'),
  }),
  z.strictObject({ all: z.literal(true) }),
]);
export type StopScope = z.output<typeof stopScope>;

const command = {
  commandId: z.string().min(1).max(200).describe('Repeats are ignored'),
  by: identity,
  issuedAt: instant.describe('UTC instant, ms'),
};

export const StopCalls = defineCommand(
  'control.stop',
  1,
  z.object({
    ...command,
    scope: stopScope,
    compensations: z.boolean().describe('Whether calls that undo something are stopped too'),
    reason,
  }),
);

/** Lifts a stop; where it takes two people, the first one’s word. */
export const LiftStop = defineCommand('control.lift', 1, z.object({ ...command, stopId, reason }));

/** The same from the second person, who may also say no. */
export const VoteOnLift = defineCommand(
  'control.lift_vote',
  1,
  z.object({ ...command, stopId, vote, reason }),
);

export const CallsStopped = defineEvent(
  'control.stopped',
  1,
  z.object({
    stopId,
    commandId: z.string(),
    number: z.number().int().min(1).describe('Of all stops there ever were, from 1 without a gap'),
    scope: stopScope,
    compensations: z.boolean(),
    reason,
    by: identity,
    at,
  }),
);

/** Somebody wants it lifted, or does not. A no voids what was said before it. */
export const LiftVoted = defineEvent(
  'control.lift_voted',
  1,
  z.object({ stopId, commandId: z.string(), by: identity, vote, reason, at }),
);

export const StopLifted = defineEvent(
  'control.lifted',
  1,
  z.object({
    stopId,
    commandId: z.string(),
    liftedBy: z.array(identity).min(1).describe('Everybody who wanted it'),
    at,
  }),
);

export const controlRefusals = codesOf(stopErrors);

export const ControlRefused = defineEvent(
  'control.refused',
  1,
  z.object({
    commandId: z.string(),
    stopId: stopId.optional(),
    code: z.enum(controlRefusals),
    message: z.string().max(2_000),
    by: identity,
    at,
  }),
);

export const controlCommandMessages = [StopCalls, LiftStop, VoteOnLift] as const;
export const controlLifeEvents = [CallsStopped, LiftVoted, StopLifted, ControlRefused] as const;
export type ControlEvent = MessageOf<(typeof controlLifeEvents)[number]>;

/** By what a call or a request to a model may be stopped, besides its tool. */
export const stoppable = z
  .object({
    workflow: z.string(),
    tenant: z.string().optional(),
    levels: z.array(autonomyLevel).describe('Of the agent steps whose model is asked, or has led to it'),
    compensates: z.boolean(),
  })
  .describe('Which stops it falls under');
export type Stoppable = z.output<typeof stoppable>;

/** What a call or a request to a model that was not started says about the stop. */
export const stopNote = z.object({
  stopId,
  number: z.number().int().min(1),
  reason: z.string().max(2_000).describe('Of the stop, as somebody gave it'),
});
export type StopNote = z.output<typeof stopNote>;
