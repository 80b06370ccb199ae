import { type Failure, sha256 } from '@interlock/contracts';
import type { CompiledBackoff, CompiledRetry } from '@interlock/language';
import type { Retrying } from './state.js';

const DEFAULTS = { attempts: 5, backoffMs: 200, maxBackoffMs: 30_000 };
/** A target that limits its rate is called at most this often, with a longer wait each time. */
const RATE_LIMIT = { calls: 20, waitMs: 1_000, maxWaitMs: 300_000, leastMs: 100, mostLeastMs: 30_000 };

/** How much of the time for retries is left. */
export const leftMs = (forMs: number, retrying: Retrying | undefined, now: number): number =>
  retrying === undefined ? forMs : retrying.since + forMs + retrying.heldMs - now;

/** Requests that were refused before anything was called, until the step gives up. */
export const REFUSALS_MAX = 12;
/** Attempts of one call that have ended the process which ran them, until a person is asked. */
export const DEATHS_MAX = 3;

/** Uniform in [0, 1), the same whenever the event with this id is folded again. */
export const chance = (eventId: string): number =>
  Number.parseInt(sha256(eventId).slice(0, 12), 16) / 2 ** 48;

/** Exponential with full jitter. `failures` counts this one. */
export function backoffMs(eventId: string, failures: number, backoff: CompiledBackoff = {}): number {
  const base = backoff.backoffMs ?? DEFAULTS.backoffMs;
  const cap = backoff.maxBackoffMs ?? DEFAULTS.maxBackoffMs;
  return Math.ceil(chance(eventId) * Math.min(cap, base * 2 ** Math.min(failures - 1, 30)));
}

export interface Retry {
  readonly delayMs: number;
  /** Whether it uses up one of the attempts. */
  readonly counts: boolean;
  /** It lasts for a time, so a wait that would end behind the deadline is made shorter. */
  readonly lasts: boolean;
}

/** What has been tried so far. */
export interface Tried {
  /** That counted before this one. */
  readonly failures: number;
  /** How often it was called, this time included. */
  readonly calls: number;
  readonly retrying?: Retrying | undefined;
}

/** Whether a failed attempt is made again, by its failure class; undefined: it is not. */
export function retryOf(
  { effect, retry }: { readonly effect: 'read' | 'write'; readonly retry?: CompiledRetry | undefined },
  failure: Failure,
  tried: Tried,
  eventId: string,
  now: number,
): Retry | undefined {
  switch (failure.class) {
    case 'rate_limited': {
      const { calls = RATE_LIMIT.calls, maxWaitMs = RATE_LIMIT.maxWaitMs } = retry?.rate_limited ?? {};
      if (tried.calls >= calls) return undefined;
      const asked = Math.min(failure.retryAfterMs ?? RATE_LIMIT.waitMs, maxWaitMs);
      return {
        delayMs: Math.max(asked, leastWaitMs(eventId, tried.calls)),
        counts: false,
        lasts: false,
      };
    }
    case 'timeout':
      return effect === 'read' ? attempt(retry?.timeout, tried, eventId, now) : undefined;
    case 'transient':
      return attempt(retry?.transient, tried, eventId, now, failure.retryAfterMs);
    default:
      return undefined;
  }
}

/** With less of its time left a step is not worth another attempt. */
const LEAST_LEFT_MS = 1_000;

/** When it is made again, UTC ms: what lasts uses the time up to the deadline, each time half of what is left. */
export function dueWithin(now: number, deadline: number, { delayMs, lasts }: Retry): number {
  const left = deadline - now;
  const isCut = lasts && delayMs >= left && left > LEAST_LEFT_MS;
  return now + (isCut ? Math.ceil(left / 2) : delayMs);
}

/** Doubles with every call, between half of it and the whole. */
function leastWaitMs(eventId: string, calls: number): number {
  const most = Math.min(RATE_LIMIT.leastMs * 2 ** Math.min(calls - 1, 30), RATE_LIMIT.mostLeastMs);
  return Math.ceil((most * (1 + chance(eventId))) / 2);
}

/** Where a time bounds it, the last attempt is made when that is over. @param asked how long its target wants to be left alone */
function attempt(
  backoff: CompiledBackoff = {},
  { failures, retrying }: Tried,
  eventId: string,
  now: number,
  asked = 0,
): Retry | undefined {
  const { forMs, attempts = forMs === undefined ? DEFAULTS.attempts : Number.POSITIVE_INFINITY } = backoff;
  if (failures + 1 >= attempts) return undefined;
  const delayMs = backoffMs(eventId, failures + 1, backoff);
  if (forMs === undefined) return { delayMs, counts: true, lasts: false };
  const left = leftMs(forMs, retrying, now);
  const wait = Math.max(delayMs, asked);
  return left <= 0 ? undefined : { delayMs: Math.min(wait, left), counts: true, lasts: true };
}

/** The failure of a call whose attempts keep ending the process that runs them. */
export const endsItsProcess = (deaths: number): Failure => ({
  class: 'internal',
  code: 'tool.keeps_dying',
  message: `${deaths} attempts of this call have ended the process that ran them: its tool must be mended before it is retried`,
});
