import {
  type ControlEvent,
  type ControlState,
  type Identity,
  LiftVoted,
  lifters,
  personOf,
  StopLifted,
} from '@interlock/contracts';
import type { RegistrySettings } from '../registry.state.js';
import { forbidden, mayControl, refused } from './stop.js';

export interface Lift {
  readonly commandId: string;
  readonly by: Identity;
  readonly stopId: string;
  readonly vote: 'approve' | 'deny';
  readonly reason: string;
}

/** Lets stopped calls go on: in production once two different people want it. Whoever has stopped them may be one of them. */
export function lift(
  lift: Lift,
  state: ControlState,
  { mode }: Pick<RegistrySettings, 'mode'>,
  now: number,
): ControlEvent[] {
  const { commandId, by, stopId, vote, reason } = lift;
  const stop = state.stops.find((one) => one.stopId === stopId);
  const no = (code: Parameters<typeof refused>[1], message: string) =>
    refused(lift, code, message, now, stopId);
  const before = state.refused.find((one) => one.commandId === commandId);
  if (before !== undefined) return no(before.code, before.message);
  if (stop === undefined) return no('unknown_stop', `There is no stop ${stopId}.`);
  if (!mayControl(by, stop.scope)) return no('forbidden', forbidden(by));
  if (stop.votes.some((one) => one.commandId === commandId) || stop.lifted?.commandId === commandId)
    return [];
  if (stop.lifted !== undefined) return no('lifted', `Stop ${stopId} is lifted.`);
  const agreed = lifters(stop);
  if (vote === 'approve' && agreed.some((one) => personOf(one.by.sub) === personOf(by.sub)))
    return no('voted', 'You have asked to lift it already: another person has to agree.');
  const voted = LiftVoted({ stopId, commandId, by, vote, reason, at: now });
  const liftedBy = [...agreed.map((one) => one.by), by];
  const needed = mode === 'production' ? 2 : 1;
  if (vote === 'deny' || liftedBy.length < needed) return [voted];
  return [voted, StopLifted({ stopId, commandId, liftedBy, at: now })];
}
