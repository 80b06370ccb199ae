import type { Actor, Decision, Input } from '@interlock/actors';
import {
  type MessageOf,
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
type ScheduleMessage = ScheduleCommand | RunEnd;
type ScheduleInput = Input<ScheduleMessage, OrderGiven>;

const commandTypes: ReadonlySet<string> = typesOf(...scheduleCommandMessages);
const isCommand = (message: ScheduleMessage): message is ScheduleCommand => commandTypes.has(message.type);

/** Starts what is due, each due time once, and answers the commands about schedules. */
export function scheduleActor(
  settings: ScheduleSettings,
): Actor<Schedules, ScheduleMessage, ScheduleEvent, OrderGiven> {
  return {
    name: 'schedules',
    inputs: {
      [scheduleCommands.name]: typesOf(...scheduleCommandMessages),
      [runEvents.name]: typesOf(...ends),
    },
    key: () => SCHEDULES_KEY,

    decide(input, state = noSchedules, { now }) {
      const draft = new ScheduleDraft(state, settings, now);
      if (input.kind === 'message') onMessage(draft, input.message, input.message.meta.run);
      if (input.kind === 'due') fireAll(draft);
      if (input.kind === 'result') onOrderGiven(draft, input.result);
      if (input.kind === 'recovered') return { events: [], start: openOrders(state) };
      return { events: draft.events };
    },

    answerFault({ code }, input, state = noSchedules, { now }) {
      return faultAnswer(code, input, state, now);
    },

    evolve: (state, event) => evolve(state, event),
    effects: (event, state) => ordersAfter(event, state),
    due: (state) => state && earliestIn(state),
  };
}

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

/** A timer has no message to quarantine: what is due halts, so that it is not due for ever. */
function faultAnswer(
  code: string,
  input: ScheduleInput,
  state: Schedules,
  now: number,
): Decision<ScheduleEvent> {
  if (input.kind === 'message') {
    const { message } = input;
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
