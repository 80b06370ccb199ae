// biome-ignore-all lint/style/noRestrictedGlobals: formats instants that are given
import type { BusinessHours } from '@interlock/contracts';
import { nextCron } from './cron.js';

/** A year of closed days, and what lies around it: a calendar that is closed for longer opens never. */
const OPENINGS_MAX = 800;

/** Whether the instant lies in these hours. */
export function isOpen({ days, from, to, holidays }: BusinessHours, timezone: string, at: number): boolean {
  const { day, date, time } = wallOf(timezone, at);
  return days.some((one) => one === day) && time >= from && time < to && !holidays.includes(date);
}

/** The first instant of the next hours that begin after `after`; undefined: never. */
export function nextOpening(hours: BusinessHours, timezone: string, after: number): number | undefined {
  const [hour, minute] = hours.from.split(':').map(Number);
  const pattern = `${minute} ${hour} * * ${hours.days.join(',')}`;
  let at: number | null = after;
  for (let tried = 0; tried < OPENINGS_MAX; tried++) {
    at = nextCron(pattern, timezone, at);
    if (at === null) return undefined;
    if (!hours.holidays.includes(wallOf(timezone, at).date)) return at;
  }
  return undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallOf(timeZone: string, at: number) {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: String(part.weekday).toUpperCase(),
    date: `${part.year}-${part.month}-${part.day}`,
    time: `${part.hour}:${part.minute}`,
  };
}
