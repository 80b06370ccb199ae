// biome-ignore-all lint/style/noRestrictedGlobals: a calendar without zones is counted with it; none is the time of now
/* What the clock on a wall in a zone shows, as ms of a calendar without zones, and when it shows that. */

const DAY_MS = 86_400_000;
const KEPT_MAX = 500;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= KEPT_MAX) formats.clear();
  formats.set(timeZone, made);
  return made;
}

export function wallOf(instant: number, timezone: string): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const rest = ((instant % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, rest);
}

/** The first instant at which the clock shows this; where the zone leaves it out, the first one after the gap. */
export function instantOf(wall: number, timezone: string): number {
  const aheadAt = (instant: number): number => wallOf(instant, timezone) - instant;
  const before = aheadAt(wall - DAY_MS);
  const behind = aheadAt(wall + DAY_MS);
  const found = [wall - before, wall - behind].filter((instant) => wallOf(instant, timezone) === wall);
  if (found.length > 0) return Math.min(...found);
  // Nothing shows it: the clock is put forward between these two.
  let low = wall - behind;
  let high = wall - before;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (aheadAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
