import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const units = ['ms', 's', 'm', 'h', 'd'] as const;

/** A length of time as people write it: `PT10M`, `P1DT12H`, or short: `500ms`, `10s`, `5m`, `2h`, `1d`. */
export type Duration = `${number}${keyof typeof unitMs}` | `P${string}`;

const amount = '(\\d{1,12}(?:\\.\\d{1,3})?)';
const short = new RegExp(`^${amount}(ms|s|m|h|d)$`);
const iso = new RegExp(
  `^P(?:${amount}W)?(?:${amount}D)?(?:T(?=\\d)(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`,
);
const isoUnitsMs = [7 * unitMs.d, unitMs.d, unitMs.h, unitMs.m, unitMs.s] as const;

/** A year: whoever waits longer has mistaken a unit, or has been forgotten. */
export const DURATION_MS_MAX = 366 * unitMs.d;

/** What a text has to be, for messages: `timeout must be ${durationForms}`. */
export const durationForms = 'a duration like PT10M, P1DT12H, 10s, 5m or 4h, at most 366 days';

/**
 * Whole milliseconds of an ISO 8601 duration in weeks to seconds, or of a short form; `undefined` for anything else.
 * Years and months are refused, because they have no fixed length; so are zero and more than a year.
 */
export function parseDuration(text: string): number | undefined {
  const ms = Math.round(shortMs(text) ?? isoMs(text) ?? 0);
  return ms >= 1 && ms <= DURATION_MS_MAX ? ms : undefined;
}

/** The same for a wait that may be zero: `0s` and `PT0S` are 0. */
export const parseDelay = (text: string): number | undefined =>
  /^(?:0(?:ms|s|m|h|d)|PT0S)$/.test(text) ? 0 : parseDuration(text);

/** The ISO 8601 form of whole milliseconds, as short as it can be said. */
export function durationTextOf(ms: number): string {
  const parts = {
    D: Math.floor(ms / unitMs.d),
    H: Math.floor(ms / unitMs.h) % 24,
    M: Math.floor(ms / unitMs.m) % 60,
  };
  const seconds = (ms % unitMs.m) / unitMs.s;
  const days = parts.D > 0 ? `${parts.D}D` : '';
  const time = [
    parts.H > 0 ? `${parts.H}H` : '',
    parts.M > 0 ? `${parts.M}M` : '',
    seconds > 0 || ms === 0 ? `${seconds}S` : '',
  ].join('');
  return `P${days}${time === '' ? '' : `T${time}`}`;
}

/** A duration as a field of a document or request. */
export const durationText = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: `must be ${durationForms}` })
  .describe('ISO 8601 (PT10M) or short (250ms, 10s, 5m, 4h, 2d)');

function shortMs(text: string): number | undefined {
  const match = short.exec(text);
  const unit = units.find((one) => one === match?.[2]);
  return match === null || unit === undefined ? undefined : Number(match[1]) * unitMs[unit];
}

function isoMs(text: string): number | undefined {
  const amounts = iso.exec(text)?.slice(1);
  return amounts?.reduce((sum, one, at) => sum + Number(one ?? 0) * (isoUnitsMs[at] ?? 0), 0);
}
