import type { Actor, Decision, Effect, Input } from '@interlock/actors';
import {
  type BulkEvent,
  type BulkOrderCommand,
  bulkCommandMessages,
  type MessageOf,
  OrderBulk,
  OrdersResumed,
  RunCancelled,
  RunCompleted,
  RunEscalated,
  RunFailed,
  RunOrdered,
  RunRolledBack,
  runEvents,
  type ScheduleCommand,
  ScheduledRunEnded,
  type ScheduleEvent,
  ScheduleHalted,
  scheduleCommandMessages,
  scheduleCommands,
  typesOf,
} from '@interlock/contracts';
import {
  type BulkDone,
  bulkEffectsAfter,
  bulkRefusal,
  onBulkDone,
  onBulkOrder,
  openBulks,
} from './bulk/bulk.js';
import { onCommand, refusal } from './commands.js';
import { ScheduleDraft } from './draft.js';
import { evolve } from './evolve.js';
import { fireAll, fireAt, settle } from './fire.js';
import { type OrderGiven, openOrders, ordersAfter } from './orders.js';
import { scheduleKey } from './schedule.id.js';
import { noSchedules, type Schedules } from './schedule.state.js';
import type { ScheduleSettings } from './settings.js';

/** One actor holds the schedules of a partition: a run that ends does not say whose it was. */
export const SCHEDULES_KEY = 'schedules';

const ends = [RunCompleted, RunFailed, RunRolledBack, RunEscalated, RunCancelled] as const;
type RunEnd = MessageOf<(typeof ends)[number]>;
type ScheduleMessage = ScheduleCommand | BulkOrderCommand | RunEnd;
/** What an effect has come to. */
type Given = OrderGiven | BulkDone;
type Told = ScheduleEvent | BulkEvent;
type ScheduleInput = Input<ScheduleMessage, Given>;

const commandTypes: ReadonlySet<string> = typesOf(...scheduleCommandMessages);
const isCommand = (message: ScheduleMessage): message is ScheduleCommand => commandTypes.has(message.type);
const isBulk = (message: ScheduleMessage): message is BulkOrderCommand => message.type === OrderBulk.type;
const isOfBulk = (event: Told): event is BulkEvent => event.type.startsWith('bulk.');

/** Starts what is due, each due time once, gives bulk orders to their runs, and answers the commands about both. */
export function scheduleActor(settings: ScheduleSettings): Actor<Schedules, ScheduleMessage, Told, Given> {
  return {
    name: 'schedules',
    inputs: {
      [scheduleCommands.name]: typesOf(...scheduleCommandMessages, ...bulkCommandMessages),
      [runEvents.name]: typesOf(...ends),
    },
    key: () => SCHEDULES_KEY,

    decide(input, state = noSchedules, { now }) {
      if (input.kind === 'message' && isBulk(input.message))
        return { events: onBulkOrder(state.bulks, input.message, now) };
      if (input.kind === 'result' && 'bulkId' in input.result)
        return { events: onBulkDone(state.bulks, input.result, now) };
      const draft = new ScheduleDraft(state, settings, now);
      if (input.kind === 'message') onMessage(draft, input.message, input.message.meta.run);
      if (input.kind === 'due') fireAll(draft);
      if (input.kind === 'result' && !('bulkId' in input.result)) onOrderGiven(draft, input.result);
      if (input.kind === 'recovered' && openEffects(state).length > 0) draft.emit(OrdersResumed({ at: now }));
      return { events: draft.events };
    },

    answerFault({ code }, input, state = noSchedules, { now }) {
      return faultAnswer(code, input, state, now);
    },

    evolve: (state, event) => evolve(state, event),
    effects(event, state) {
      if (event.type === OrdersResumed.type) return state === undefined ? [] : openEffects(state);
      return isOfBulk(event) ? bulkEffectsAfter(event, state?.bulks) : ordersAfter(event, state);
    },
    due: (state) => state && earliestIn(state),
  };
}

/** What a new host does again: only once everything decided before is in the log, so that nothing is ordered that may yet be lost. */
const openEffects = (state: Schedules): readonly Effect[] => [
  ...openOrders(state),
  ...openBulks(state.bulks),
];

function onMessage(draft: ScheduleDraft, message: ScheduleMessage, runId: string | undefined): undefined {
  if (isCommand(message)) return onCommand(draft, message);
  const key = runId === undefined ? undefined : draft.state.runs.get(runId);
  const schedule = key === undefined ? undefined : draft.find(key);
  if (runId === undefined || key === undefined || schedule?.runs.get(runId)?.watched !== true) return;
  draft.emit(ScheduledRunEnded({ ...schedule.id, runId, end: message.type }));
  settle(draft, key);
}

function onOrderGiven(draft: ScheduleDraft, { id, runId, order }: OrderGiven): undefined {
  draft.emit(RunOrdered({ ...id, runId, order }));
  settle(draft, scheduleKey(id));
}

const NOT_DECIDED = 'The orchestrator could not decide on this bulk order, and nothing was ordered.';

/** A timer has no message to quarantine: what is due halts, so that it is not due for ever. */
function faultAnswer(code: string, input: ScheduleInput, state: Schedules, now: number): Decision<Told> {
  if (input.kind === 'message') {
    const { message } = input;
    if (isBulk(message)) return { events: [bulkRefusal(message.data, 'bulk_not_decided', NOT_DECIDED, now)] };
    if (!isCommand(message)) return { events: [] };
    const text = `The orchestrator could not decide on this command (${code}), and nothing has changed.`;
    return { events: [refusal(message, 'schedule_not_decided', text, now)] };
  }
  if (input.kind !== 'due') return { events: [] };
  const due = [...state.byKey.values()].filter((one) => (fireAt(one) ?? Number.POSITIVE_INFINITY) <= now);
  const message = 'What was due could not be decided on: look at it, and resume it.';
  return { events: due.slice(0, 100).map(({ id }) => ScheduleHalted({ ...id, code, message, at: now })) };
}

function earliestIn({ byKey }: Schedules): number | undefined {
  let first: number | undefined;
  for (const schedule of byKey.values()) {
    const at = fireAt(schedule);
    if (at !== undefined && (first === undefined || at < first)) first = at;
  }
  return first;
}
