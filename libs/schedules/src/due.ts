import type { ScheduleSpec } from '@interlock/contracts';
import { isOpen, nextOpening } from './business.hours.js';
import { nextCron } from './cron.js';

/** Closed hours are passed over as a whole, so this many in a row mean that the pattern never falls into the calendar. */
const CLOSED_MAX = 800;

export type When = Pick<ScheduleSpec, 'timing' | 'timezone' | 'hours'>;

/**
 * The first due time after `after`, UTC ms; null: there is none.
 * @param anchor where an interval counts from
 */
export function nextDue(when: When, anchor: number, after: number): number | null {
  const { hours, timezone } = when;
  let from = after;
  for (let tried = 0; tried < CLOSED_MAX; tried++) {
    const due = nextOf(when, anchor, from);
    if (due === null || hours === undefined || isOpen(hours, timezone, due)) return due;
    const opening = nextOpening(hours, timezone, due);
    if (opening === undefined) return null;
    from = opening - 1;
  }
  return null;
}

function nextOf({ timing, timezone }: When, anchor: number, after: number): number | null {
  if ('cron' in timing) return nextCron(timing.cron, timezone, after);
  const passed = Math.max(0, Math.floor((after - anchor) / timing.everyMs));
  return anchor + (passed + 1) * timing.everyMs;
}

/** The next due times after `after`, at most `count`. */
export function nextTimes(when: When, anchor: number, after: number, count: number): number[] {
  const times: number[] = [];
  for (let at = after; times.length < count; ) {
    const due = nextDue(when, anchor, at);
    if (due === null) break;
    times.push(due);
    at = due;
  }
  return times;
}
