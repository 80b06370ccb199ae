import {
  CallsStopped,
  type ControlEvent,
  ControlRefused,
  type ControlState,
  type controlRefusals,
  EVERY_TENANT,
  hashOf,
  type Identity,
  inForce,
  type StopCalls,
  type StopScope,
} from '@interlock/contracts';
import type { z } from 'zod';

const IN_FORCE_MAX = 500;

/** The client chooses the command’s id, and whoever repeats the command means the same stop. */
export const stopIdOf = (commandId: string): string => hashOf({ stop: commandId }).slice(0, 24);

/** Somebody stops calls, at once: one person is enough, everywhere. */
export function stop(
  command: z.output<typeof StopCalls.schema>,
  state: ControlState,
  now: number,
): ControlEvent[] {
  const { commandId, by, scope, compensations, reason } = command;
  const stopId = stopIdOf(commandId);
  if (state.stops.some((one) => one.stopId === stopId)) return [];
  if (!mayControl(by, scope)) return refused(command, 'forbidden', forbidden(by), now);
  if (inForce(state).length >= IN_FORCE_MAX)
    return refused(command, 'too_many', `${IN_FORCE_MAX} stops are in force already: stop all.`, now);
  const number = state.count + 1;
  return [CallsStopped({ stopId, commandId, number, scope, compensations, reason, by, at: now })];
}

/** Whoever gives commands, within the tenant that they are of. */
export function mayControl({ roles, tenant = EVERY_TENANT }: Identity, scope: StopScope): boolean {
  const isOperator = roles.includes('operator') || roles.includes('admin');
  return isOperator && (tenant === EVERY_TENANT || ('tenant' in scope && scope.tenant === tenant));
}

export const forbidden = ({ tenant = EVERY_TENANT }: Identity): string =>
  tenant === EVERY_TENANT
    ? 'Stopping calls, and lifting a stop, needs the role operator or admin.'
    : `This needs the role operator or admin, and for anybody of the tenant ${tenant} the scope of that tenant.`;

export const refused = (
  { commandId, by }: { readonly commandId: string; readonly by: Identity },
  code: (typeof controlRefusals)[number],
  message: string,
  at: number,
  stopId?: string,
): ControlEvent[] => [
  ControlRefused({ commandId, by, code, message, at, ...(stopId !== undefined && { stopId }) }),
];
