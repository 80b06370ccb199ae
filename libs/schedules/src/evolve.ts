import type { BulkEvent, ScheduleEvent } from '@interlock/contracts';
import { evolveBulk } from './bulk/bulk.state.js';
import { type ScheduleId, scheduleKey } from './schedule.id.js';
import { noSchedules, type Schedule, type Schedules, type StartedRun } from './schedule.state.js';

const COMMANDS_KEPT = 20;
const LAST_KEPT = 5;

/** A log that was cut may begin with what happened to a schedule it says more of later: that is passed over. */
export function evolve(state: Schedules = noSchedules, event: ScheduleEvent | BulkEvent): Schedules {
  if (isOfBulk(event)) return { ...state, bulks: evolveBulk(state.bulks, event) };
  if (event.type === 'schedule.orders_resumed') return state;
  if (event.type === 'schedule.created') return put(state, created(event.data));
  const before = state.byKey.get(scheduleKey(event.data));
  return before === undefined ? state : put(state, changed(before, event), before);
}

const isOfBulk = (event: ScheduleEvent | BulkEvent): event is BulkEvent => event.type.startsWith('bulk.');

type Data<Type extends ScheduleEvent['type']> = Extract<ScheduleEvent, { type: Type }>['data'];

function created({
  name,
  tenant,
  spec,
  by,
  revision,
  anchor,
  next,
  commandId,
  at,
}: Data<'schedule.created'>) {
  return {
    id: { name, ...(tenant !== undefined && { tenant }) } satisfies ScheduleId,
    spec,
    by,
    revision,
    anchor,
    createdAt: at,
    phase: { kind: spec.paused ? 'paused' : 'active' },
    next,
    runs: new Map(),
    queue: [],
    commands: [commandId],
    last: [],
  } satisfies Schedule;
}

function changed(
  before: Schedule,
  event: Exclude<ScheduleEvent, { type: 'schedule.created' | 'schedule.orders_resumed' }>,
): Schedule {
  switch (event.type) {
    case 'schedule.changed': {
      const { spec, by, revision, anchor, next, commandId } = event.data;
      const commands = [...before.commands, commandId].slice(-COMMANDS_KEPT);
      return {
        ...before,
        spec,
        by,
        revision,
        anchor,
        next,
        commands,
        phase: { kind: spec.paused ? 'paused' : 'active' },
      };
    }
    case 'schedule.deleted':
      return { ...before, phase: { kind: 'deleted' }, queue: [], next: null };
    case 'schedule.halted': {
      const { code, message } = event.data;
      return { ...before, phase: { kind: 'halted', code, message } };
    }
    case 'schedule.refused':
      return before;
    case 'schedule.queued': {
      const { due, next } = event.data;
      return {
        ...before,
        next,
        queue: [...before.queue, due],
        last: withLast(before, { due, outcome: 'queued' }),
      };
    }
    case 'schedule.skipped': {
      const { from, to, because, next } = event.data;
      const queue = before.queue.filter((due) => due < from || due > to);
      return { ...before, next, queue, last: withLast(before, { due: to, outcome: because }) };
    }
    case 'schedule.started':
      return started(before, event.data);
    case 'schedule.superseded': {
      const { runId, due } = event.data;
      return withRun(before, runId, (run) => ({
        ...run,
        phase: { kind: 'cancelling', due, isOrdered: false },
      }));
    }
    case 'schedule.ordered':
      return ordered(before, event.data);
    case 'schedule.run_ended':
      return withRun(before, event.data.runId, () => undefined);
  }
}

function started(
  before: Schedule,
  { due, runId, key, workflow, watched, next }: Data<'schedule.started'>,
): Schedule {
  const { input, requestHash } = before.spec;
  const phase = { kind: 'starting', key, workflow, input, requestHash } as const;
  const run: StartedRun = { runId, due, by: before.by, watched, phase };
  return {
    ...before,
    next,
    queue: before.queue.filter((waiting) => waiting !== due),
    runs: new Map([...before.runs, [runId, run]]),
    last: withLast(before, { due, outcome: 'started', runId }),
  };
}

/** A run that is not watched is on its own once its start is ordered. */
function ordered(before: Schedule, { runId, order }: Data<'schedule.ordered'>): Schedule {
  return withRun(before, runId, (run) => {
    const isOnItsOwn = !run.watched || before.phase.kind === 'deleted';
    switch (run.phase.kind) {
      case 'starting':
        if (order !== 'start') return run;
        return isOnItsOwn ? undefined : { ...run, phase: { kind: 'running' } };
      case 'cancelling':
        if (order !== 'cancel') return run;
        return isOnItsOwn ? undefined : { ...run, phase: { ...run.phase, isOrdered: true } };
      case 'running':
        return run;
    }
  });
}

function withRun(
  schedule: Schedule,
  runId: string,
  change: (run: StartedRun) => StartedRun | undefined,
): Schedule {
  const run = schedule.runs.get(runId);
  if (run === undefined) return schedule;
  const runs = new Map(schedule.runs);
  const after = change(run);
  if (after === undefined) runs.delete(runId);
  else runs.set(runId, after);
  return { ...schedule, runs };
}

const withLast = ({ last }: Schedule, one: Schedule['last'][number]): Schedule['last'] => {
  const others = last.filter(({ due }) => due !== one.due);
  return [...others, one].slice(-LAST_KEPT);
};

function put(state: Schedules, schedule: Schedule, before?: Schedule): Schedules {
  const key = scheduleKey(schedule.id);
  const byKey = new Map(state.byKey);
  const isGone = schedule.phase.kind === 'deleted' && [...schedule.runs.values()].every(isSettled);
  if (isGone) byKey.delete(key);
  else byKey.set(key, schedule);
  return {
    ...state,
    byKey,
    runs: runsAfter(state.runs, key, before?.runs, isGone ? new Map() : schedule.runs),
  };
}

/** Whether a deleted schedule has nothing to do with it any more. */
const isSettled = ({ phase }: StartedRun): boolean =>
  phase.kind === 'running' || (phase.kind === 'cancelling' && phase.isOrdered);

function runsAfter(
  all: Schedules['runs'],
  key: string,
  before: Schedule['runs'] = new Map(),
  after: Schedule['runs'],
): Schedules['runs'] {
  if (before === after) return all;
  const runs = new Map(all);
  for (const runId of before.keys()) runs.delete(runId);
  for (const runId of after.keys()) runs.set(runId, key);
  return runs;
}
