const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const short = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
const amount = '(\\d{1,12}(?:\\.\\d{1,3})?)';
const iso = new RegExp(
  `^P(?:${amount}W|(?:${amount}D)?(?:T(?=\\d)(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?)$`,
);

/** A year: a step that waits longer is a mistake in a unit. */
export const durationMsMax = 366 * units.d;

/**
 * Milliseconds of `PT10M`, `P1DT12H`, `PT0.5S`, or the short forms `250ms`, `10s`, `5m`, `4h`, `2d`; `undefined` for
 * anything else. Years and months are refused: they have no fixed length. Zero and more than a year are refused too.
 */
export function parseDuration(text: string): number | undefined {
  const ms = Math.round(shortMs(text) ?? isoMs(text) ?? 0);
  return ms >= 1 && ms <= durationMsMax ? ms : undefined;
}

function shortMs(text: string): number | undefined {
  const match = short.exec(text);
  return match === null ? undefined : Number(match[1]) * units[match[2] as keyof typeof units];
}

function isoMs(text: string): number | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((n) => Number(n ?? 0));
  return (weeks * 7 + days) * units.d + hours * units.h + minutes * units.m + seconds * units.s;
}
