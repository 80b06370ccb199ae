import {
  ChangeSchedule,
  CreateSchedule,
  EVERY_TENANT,
  type Identity,
  isModule,
  type MessageOf,
  ScheduleChanged,
  type ScheduleCommand,
  ScheduleCreated,
  ScheduleDeleted,
  ScheduleRefused,
  type ScheduleSpec,
} from '@interlock/contracts';
import type { ScheduleDraft } from './draft.js';
import { nextDue, type When } from './due.js';
import { fireAt, settle, skip } from './fire.js';
import { type ScheduleId, scheduleKey } from './schedule.id.js';
import type { Schedule } from './schedule.state.js';
import { SCHEDULES_MAX } from './settings.js';

type Refusal = MessageOf<typeof ScheduleRefused>['data']['code'];

const idOf = ({ data: { name, by } }: ScheduleCommand): ScheduleId => ({
  name,
  ...(by.tenant !== undefined && { tenant: by.tenant }),
});

/** Answers a command about a schedule. */
export function onCommand(draft: ScheduleDraft, command: ScheduleCommand): undefined {
  if (!mayKeep(command.data.by)) return refuse(draft, command, 'schedule_forbidden', FORBIDDEN);
  const found = draft.find(idOf(command));
  const schedule = found?.phase.kind === 'deleted' ? undefined : found;
  if (schedule?.commands.includes(command.data.commandId)) return;
  switch (command.type) {
    case CreateSchedule.type:
      return create(draft, command, found);
    case ChangeSchedule.type:
      return schedule === undefined ? unknown(draft, command) : change(draft, command, schedule);
    default:
      return schedule === undefined ? unknown(draft, command) : remove(draft, command, schedule);
  }
}

/** Modules are let in by whoever verifies commands, in development alone. */
const mayKeep = (by: Identity): boolean =>
  by.tenant !== EVERY_TENANT && (by.roles.includes('operator') || isModule(by));
const FORBIDDEN = 'Schedules need the role operator, and a tenant of one’s own.';

function create(
  draft: ScheduleDraft,
  command: MessageOf<typeof CreateSchedule>,
  found: Schedule | undefined,
): undefined {
  const { spec, by, commandId } = command.data;
  const at = draft.now;
  if (found !== undefined)
    return refuse(draft, command, 'schedule_exists', `There is a schedule ${found.id.name} already.`);
  if (draft.state.byKey.size >= SCHEDULES_MAX)
    return refuse(
      draft,
      command,
      'too_many_schedules',
      `There are ${SCHEDULES_MAX} schedules in this partition.`,
    );
  const next = nextDue(spec, at, at);
  if (next === null) return refuse(draft, command, 'never_due', neverDue(spec));
  draft.emit(ScheduleCreated({ ...idOf(command), spec, by, revision: 1, anchor: at, next, commandId, at }));
}

function neverDue({ timing, hours }: ScheduleSpec): string {
  if (hours === undefined) return 'No time fits its pattern: there is no such day.';
  return 'everyMs' in timing
    ? 'Counted from now, its interval never falls into its business hours: take a shorter one, or cron.'
    : 'No time fits both its pattern and its business hours.';
}

function change(
  draft: ScheduleDraft,
  command: MessageOf<typeof ChangeSchedule>,
  before: Schedule,
): undefined {
  const { spec, by, commandId, revision } = command.data;
  const at = draft.now;
  if (revision !== before.revision)
    return refuse(draft, command, 'schedule_changed', `It has revision ${before.revision}, not ${revision}.`);
  const isSameTime = sameTiming(spec, before.spec);
  const anchor = isSameTime ? before.anchor : at;
  const goesOn = isSameTime && !spec.paused && before.phase.kind === 'active';
  const next = goesOn ? before.next : nextDue(spec, anchor, at);
  if (next === null && !isSameTime) return refuse(draft, command, 'never_due', neverDue(spec));
  if (!goesOn) dropDue(draft, before, next);
  const doesTheSame = spec.requestHash === before.spec.requestHash;
  const said = { ...idOf(command), spec, anchor, next, commandId, at };
  draft.emit(
    ScheduleChanged({
      ...said,
      by: doesTheSame ? before.by : by,
      changedBy: by,
      revision: before.revision + 1,
    }),
  );
  settle(draft, scheduleKey(before.id));
}

function remove(draft: ScheduleDraft, command: ScheduleCommand, before: Schedule): undefined {
  const { commandId, by } = command.data;
  dropDue(draft, before, null);
  for (const due of before.queue) skip(draft, before, { from: due, to: due, because: 'changed', next: null });
  draft.emit(ScheduleDeleted({ ...before.id, commandId, by, at: draft.now }));
}

/** A due time that has come, and was not dealt with yet, is named. */
function dropDue(draft: ScheduleDraft, before: Schedule, next: number | null): undefined {
  if (fireAt(before) === undefined || before.next === null || before.next > draft.now) return;
  skip(draft, before, { from: before.next, to: draft.now, because: 'changed', next });
}

const sameTiming = (one: ScheduleSpec, other: ScheduleSpec): boolean =>
  JSON.stringify(whenOf(one)) === JSON.stringify(whenOf(other));
const whenOf = ({ timing, timezone, hours }: ScheduleSpec): When => ({ timing, timezone, hours });

const unknown = (draft: ScheduleDraft, command: ScheduleCommand): undefined =>
  refuse(draft, command, 'unknown_schedule', `There is no schedule ${command.data.name}.`);

export function refuse(
  draft: ScheduleDraft,
  command: ScheduleCommand,
  code: Refusal,
  message: string,
): undefined {
  draft.emit(refusal(command, code, message, draft.now));
}

export function refusal(command: ScheduleCommand, code: Refusal, message: string, at: number) {
  const { commandId, by } = command.data;
  return ScheduleRefused({ ...idOf(command), commandId, code, message, by, at });
}
