import { describe, expect, test } from 'vitest';
import { nextDue } from './due.js';

/*
 * A simulated year, against a table that the code under test has no part in: every instant of the year is looked at with the formatter
 * of the runtime, and what its wall clock says is compared with the pattern by hand.
 */

const zones = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe', // shifts by half an hour, on the southern half
  'America/Nuuk', // leaves out the last hour of a day
  'America/Santiago', // changes at midnight, on the southern half
  'Asia/Kolkata', // half an hour off, never changes
];

const MINUTE = 60_000;
const from = Date.UTC(2026, 0, 1);
const to = Date.UTC(2027, 0, 1);

interface Wall {
  readonly at: number;
  /** Minutes of a calendar without zones. */
  readonly local: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
  readonly day: number;
}

const tables = new Map(zones.map((zone) => [zone, minutesOf(zone)]));

function minutesOf(timeZone: string): Wall[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const walls: Wall[] = [];
  // Zones change on a quarter of an hour: the minutes between are counted on.
  for (let quarter = from - 60 * MINUTE; quarter < to + 60 * MINUTE; quarter += 15 * MINUTE) {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(quarter)) part[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = part;
    const local = Date.UTC(year, month - 1, day, hour, minute) / MINUTE;
    const weekday = new Date(local * MINUTE).getUTCDay();
    for (let more = 0; more < 15; more++)
      walls.push({
        at: quarter + more * MINUTE,
        local: local + more,
        hour,
        minute: minute + more,
        weekday,
        day,
      });
  }
  return walls;
}

type Fits = (wall: Pick<Wall, 'hour' | 'minute' | 'weekday' | 'day'>) => boolean;

/** A named time is due once: after a gap, or the first time; everything else follows the clock. */
function table(zone: string, isNamed: boolean, fits: Fits): number[] {
  const due: number[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const wall of tables.get(zone) ?? []) {
    const isAgain = wall.local <= latest;
    const leftOut = latest === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, wall.local - latest - 1);
    const wasLeftOut = isNamed && range(leftOut).some((back) => fits(partsOf(wall.local - 1 - back)));
    if ((fits(wall) && !(isNamed && isAgain)) || wasLeftOut) due.push(wall.at);
    latest = Math.max(latest, wall.local);
  }
  return due.filter((at) => at >= from && at < to);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

function partsOf(local: number) {
  const date = new Date(local * MINUTE);
  return {
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
    day: date.getUTCDate(),
  };
}

function computed(cron: string, timezone: string): number[] {
  const due: number[] = [];
  for (let at = from - 1; ; ) {
    const next = nextDue({ timing: { cron }, timezone }, 0, at);
    if (next === null || next >= to) return due;
    due.push(next);
    at = next;
  }
}

const patterns: readonly (readonly [cron: string, isNamed: boolean, fits: Fits])[] = [
  ['0 9 * * MON-FRI', true, ({ hour, minute, weekday }) => hour === 9 && minute === 0 && weekday % 6 !== 0],
  ['30 2 * * *', true, ({ hour, minute }) => hour === 2 && minute === 30],
  ['15 0,1,2,23 * * *', true, ({ hour, minute }) => [0, 1, 2, 23].includes(hour) && minute === 15],
  ['30 1 * * SUN', true, ({ hour, minute, weekday }) => hour === 1 && minute === 30 && weekday === 0],
  ['0 0 1 * *', true, ({ hour, minute, day }) => hour === 0 && minute === 0 && day === 1],
  ['*/15 0-5 * * *', false, ({ hour, minute }) => hour <= 5 && minute % 15 === 0],
  ['5 */2 * * *', false, ({ hour, minute }) => hour % 2 === 0 && minute === 5],
  ['*/20 0-3 * * *', false, ({ hour, minute }) => hour <= 3 && minute % 20 === 0],
];

describe.each(zones)('a year in %s', (zone) => {
  test.each(patterns)('%s', (cron, isNamed, fits) => {
    const expected = table(zone, isNamed, fits);
    expect(expected.length).toBeGreaterThan(10);
    expect(computed(cron, zone).map(iso)).toEqual(expected.map(iso));
  });
});

const iso = (at: number): string => new Date(at).toISOString();
