import {
  durationTextOf,
  hashOf,
  parseDelay,
  parseDuration,
  type ScheduleSpec,
  type Timing,
} from '@interlock/contracts';
import type { ScheduleBody, ScheduleChangeBody } from '@interlock/contracts/http';
import { cronProblem, isTimezone } from '@interlock/schedules';
import { malformed } from './problem.js';

/**
 * The schedule that a request asks for.
 * @throws {Problem} malformed
 */
export function newSpec(body: ScheduleBody): ScheduleSpec {
  const { workflow, version, input, timezone, hours, overlap, catchUp, jitter, paused } = body;
  return checked({
    workflow,
    version,
    input,
    timing: timingIn(body) ?? unreachable(),
    timezone,
    hours,
    overlap,
    catchUpMs: parseDelay(catchUp) ?? unreachable(),
    jitterMs: parseDelay(jitter) ?? unreachable(),
    paused,
  });
}

/**
 * The schedule as it is once changed: what the request does not name stays.
 * @throws {Problem} malformed
 */
export function changedSpec(before: ScheduleSpec, body: ScheduleChangeBody): ScheduleSpec {
  const { workflow, version, input, timezone, hours, overlap, catchUp, jitter, paused } = body;
  return checked({
    workflow: workflow ?? before.workflow,
    version: version === undefined ? before.version : (version ?? undefined),
    input: input === undefined ? before.input : input,
    timing: timingIn(body) ?? before.timing,
    timezone: timezone ?? before.timezone,
    hours: hours === undefined ? before.hours : (hours ?? undefined),
    overlap: overlap ?? before.overlap,
    catchUpMs: catchUp === undefined ? before.catchUpMs : (parseDelay(catchUp) ?? unreachable()),
    jitterMs: jitter === undefined ? before.jitterMs : (parseDelay(jitter) ?? unreachable()),
    paused: paused ?? before.paused,
  });
}

interface Asked extends Omit<ScheduleSpec, 'requestHash' | 'version' | 'hours'> {
  readonly version: number | undefined;
  readonly hours: ScheduleBody['hours'] | undefined;
}

function checked({ version, hours, ...asked }: Asked): ScheduleSpec {
  const { timing, timezone, jitterMs, workflow, input } = asked;
  if (!isTimezone(timezone))
    throw wrong('timezone', `there is no time zone ${timezone}: write one like Europe/Berlin`);
  const problem = 'cron' in timing ? cronProblem(timing.cron) : undefined;
  if (problem !== undefined) throw wrong('cron', problem);
  if ('everyMs' in timing && jitterMs >= timing.everyMs)
    throw wrong('jitter', `must be shorter than the interval, ${durationTextOf(timing.everyMs)}`);
  const request = { workflow, ...(version !== undefined && { version }), input };
  return {
    ...asked,
    requestHash: hashOf(request),
    ...(version !== undefined && { version }),
    ...(hours !== undefined && { hours: { ...hours, days: [...hours.days], holidays: [...hours.holidays] } }),
  };
}

const wrong = (path: string, message: string) =>
  malformed(`The schedule cannot be taken: ${path}: ${message}.`, [{ path, message }]);

function timingIn({ every, cron }: Pick<ScheduleBody, 'every' | 'cron'>): Timing | undefined {
  if (cron !== undefined) return { cron };
  return every === undefined ? undefined : { everyMs: parseDuration(every) ?? unreachable() };
}

/** The schema of the body has checked it. */
function unreachable(): never {
  throw new Error('a schedule was not checked by its schema');
}
