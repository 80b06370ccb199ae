// biome-ignore-all lint/style/noRestrictedGlobals: the parser speaks in Dates; none is the time of now
import type { Cron } from 'croner';
import { instantOf, wallOf } from './wall.clock.js';

/** A pattern without `*` and without a step in its seconds, minutes and hours names times of day. */
export function isNamedTime(pattern: string): boolean {
  const fields = pattern.trim().split(/\s+/);
  return fields.length >= 5 && !/[*/?]/.test(fields.slice(0, fields.length - 3).join(' '));
}

/**
 * The first named time after `after`, UTC ms; null: there is none. A wall clock without zones names them one after the other, each once;
 * the zone then says when that is.
 * @param names of the pattern, on a clock without zones
 */
export function nextNamedTime(names: Cron, timezone: string, after: number): number | null {
  for (let wall = wallOf(after, timezone); ; ) {
    const next = names.nextRun(new Date(wall));
    if (next === null) return null;
    wall = next.getTime();
    const due = instantOf(wall, timezone);
    if (due > after) return due;
  }
}
