import { durationTextOf, instantText } from '@interlock/contracts';
import type { ListedSchedule, Schedule as ShownSchedule } from '@interlock/contracts/http';
import { nextTimes, type Schedule, watchedRuns } from '@interlock/schedules';

const NEXT_SHOWN = 5;

/** A schedule, as the interface shows it at `now`. */
export const shownSchedule = (schedule: Schedule, now: number): ShownSchedule => ({
  ...listedSchedule(schedule, now),
  input: schedule.spec.input,
});

/** The same, as lists have it. */
export function listedSchedule(schedule: Schedule, now: number): ListedSchedule {
  const { id, spec, by, phase, createdAt, queue, last } = schedule;
  const { workflow, version, timing, timezone, hours, overlap, catchUpMs, jitterMs, paused } = spec;
  return {
    ...id,
    workflow,
    ...(version !== undefined && { version }),
    ...('cron' in timing ? { cron: timing.cron } : { every: durationTextOf(timing.everyMs) }),
    timezone,
    ...(hours !== undefined && { hours }),
    overlap,
    catchUp: durationTextOf(catchUpMs),
    jitter: durationTextOf(jitterMs),
    paused,
    status: phase.kind,
    ...(phase.kind === 'halted' && { because: `${phase.message} (${phase.code})` }),
    by: by.sub,
    createdAt: textOf(createdAt),
    next: nextOf(schedule, now).map(textOf),
    runs: watchedRuns(schedule).map(({ runId, due }) => ({ runId, due: textOf(due) })),
    queued: queue.map(textOf),
    last: last.map(({ due, ...rest }) => ({ due: textOf(due), ...rest })),
  };
}

/** The one that is recorded, and what follows from it. */
function nextOf({ phase, next, spec, anchor }: Schedule, now: number): number[] {
  if (phase.kind !== 'active' || next === null) return [];
  return next > now
    ? [next, ...nextTimes(spec, anchor, next, NEXT_SHOWN - 1)]
    : nextTimes(spec, anchor, now, NEXT_SHOWN);
}

const textOf = (at: number): string => instantText(at);
