// biome-ignore-all lint/style/noRestrictedGlobals: the parser speaks in Dates; none is the time of now
import { errorText } from '@interlock/contracts';
import { Cron } from 'croner';
import { isNamedTime, nextNamedTime } from './named.time.js';

/**
 * The rule for hours that a zone leaves out or has twice:
 *
 *   a named time (no `*` and no step in seconds, minutes and hours) is due once: when it is left out, at the first instant after the
 *   gap; when it comes twice, the first time;
 *   any other pattern follows the clock: what is left out is not due, and what comes twice is due twice.
 */
const RULE = { fixedTimeRule: 'no-wildcard', mode: '5-or-6-parts', paused: true } as const;

const KEPT_MAX = 2_000;
const parsed = new Map<string, Cron>();

/** The first due time after `after`, UTC ms; null: there is none. */
export function nextCron(pattern: string, timezone: string, after: number): number | null {
  // The parser loses a named time in a gap that ends at midnight, as in America/Nuuk.
  if (isNamedTime(pattern)) return nextNamedTime(cronOf(pattern, 'UTC'), timezone, after);
  return cronOf(pattern, timezone).nextRun(new Date(after))?.getTime() ?? null;
}

/** Why the pattern cannot be used; undefined: it can. */
export function cronProblem(pattern: string): string | undefined {
  const said = 'is not a cron pattern of five or six fields';
  const fields = pattern.split(/\s+/).filter((field) => field !== '').length;
  if (!pattern.startsWith('@') && fields !== 5 && fields !== 6) return `${said}: it has ${fields}`;
  try {
    new Cron(pattern, { ...RULE, timezone: 'UTC' });
    return undefined;
  } catch (error) {
    return `${said}: ${errorText(error).replace(/^CronPattern: /, '')}`;
  }
}

export const isTimezone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
};

function cronOf(pattern: string, timezone: string): Cron {
  const key = `${timezone} ${pattern}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const made = new Cron(pattern, { ...RULE, timezone });
  if (parsed.size >= KEPT_MAX) parsed.clear();
  parsed.set(key, made);
  return made;
}
