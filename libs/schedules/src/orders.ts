import type { Effect } from '@interlock/actors';
import { CancelRun, type Message, type RunCommand, type ScheduleEvent, StartRun } from '@interlock/contracts';
import { type ScheduleId, scheduleKey } from './schedule.id.js';
import type { Schedule, Schedules, StartedRun } from './schedule.state.js';

/** What is to be written to `run.orders`, without what only its writer knows: the time, and for a start the salt. */
export type Order =
  | {
      readonly id: ScheduleId;
      readonly runId: string;
      readonly order: 'start';
      readonly command: OrderedStart;
    }
  | {
      readonly id: ScheduleId;
      readonly runId: string;
      readonly order: 'cancel';
      readonly command: OrderedCancel;
    };

type OrderedStart = Omit<Extract<RunCommand, { type: 'run.start' }>['data'], 'issuedAt' | 'salt'>;
type OrderedCancel = Omit<Extract<RunCommand, { type: 'run.cancel' }>['data'], 'issuedAt'>;

/** What an order has come to. */
export type OrderGiven = Pick<Order, 'id' | 'runId' | 'order'>;

/** The orders that the event asks for. */
export function ordersAfter(event: ScheduleEvent, state: Schedules | undefined): readonly Effect[] {
  if (event.type !== 'schedule.started' && event.type !== 'schedule.superseded') return [];
  const schedule = state?.byKey.get(scheduleKey(event.data));
  const run = schedule?.runs.get(event.data.runId);
  return schedule === undefined || run === undefined ? [] : ordersFor(schedule, run);
}

/** Every order that is not known to be given. */
export const openOrders = ({ byKey }: Schedules): readonly Effect[] =>
  [...byKey.values()].flatMap((schedule) =>
    [...schedule.runs.values()].flatMap((run) => ordersFor(schedule, run)),
  );

function ordersFor({ id }: Schedule, { runId, by, phase }: StartedRun): Effect[] {
  if (phase.kind === 'starting') {
    const { key, workflow, input, requestHash } = phase;
    const command = { commandId: `${runId}/start`, runId, by, workflow, input, requestHash, key };
    return [effectOf({ id, runId, order: 'start', command })];
  }
  if (phase.kind !== 'cancelling' || phase.isOrdered) return [];
  const reason = `Schedule ${id.name}: a later due time is here.`;
  const command = { commandId: `${runId}/superseded/${phase.due}`, runId, by, reason, rollback: true };
  return [effectOf({ id, runId, order: 'cancel', command })];
}

const effectOf = (order: Order): Effect => ({
  id: `${order.order}/${order.runId}`,
  kind: 'order',
  data: order,
});

/** The order as a message. */
export const orderMessage = (order: Order, issuedAt: number, salt: () => string): Message =>
  order.order === 'start'
    ? StartRun({ ...order.command, issuedAt, salt: salt() })
    : CancelRun({ ...order.command, issuedAt });

export const wireOf = ({ order }: Order): string => (order === 'start' ? StartRun.wire : CancelRun.wire);
