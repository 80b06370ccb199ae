import { z } from 'zod';

/** The latest instant that a date can say, UTC ms. */
const INSTANT_MAX = 8_640_000_000_000_000;

/** Whether it is an instant that can be written, read and shown: whole milliseconds, not before 1970. */
export const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= INSTANT_MAX;

/** ISO 8601, as people and programs are shown it. What no date can say is shown as the nearest one that can be: a sum of two may lie outside. */
export const instantText = (ms: number): string =>
  // biome-ignore lint/style/noRestrictedGlobals: writes an instant, and reads no clock
  new Date(Math.min(Math.max(ms, 0), INSTANT_MAX)).toISOString();

/** UTC ms, as a message from outside may say it. */
export const instant = z.number().int().min(0).max(INSTANT_MAX);

/** Milliseconds since 1970-01-01T00:00:00Z. The only source of time for cores and hosts. */
export interface Clock {
  now(): number;
}

/** Uniform in [0, 1). The only source of chance for hosts; cores derive jitter from event ids. */
export interface Random {
  next(): number;
}
