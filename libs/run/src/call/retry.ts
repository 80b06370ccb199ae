import { type Failure, sha256 } from '@interlock/contracts';
import type { CompiledBackoff, CompiledRetry } from '@interlock/language';

const DEFAULTS = { attempts: 5, backoffMs: 200, maxBackoffMs: 30_000 };
/** A target that limits its rate is called at most this often, with a longer wait each time. */
const RATE_LIMIT = { calls: 20, waitMs: 1_000, maxWaitMs: 300_000, leastMs: 100, mostLeastMs: 30_000 };

/** Requests that were refused before anything was called, until the step gives up. */
export const REFUSALS_MAX = 12;
/** Repetitions, verifications and doubts of one call, until a person is asked. */
export const RECOVERIES_MAX = 5;
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
}

/**
 * Whether a failed attempt is made again, by its failure class; undefined: it is not.
 * @param failures that counted before this one
 * @param calls how often it was called, this time included
 */
export function retryOf(
  { effect, retry }: { readonly effect: 'read' | 'write'; readonly retry?: CompiledRetry | undefined },
  failure: Failure,
  { failures, calls }: { readonly failures: number; readonly calls: number },
  eventId: string,
): Retry | undefined {
  switch (failure.class) {
    case 'rate_limited': {
      if (calls >= RATE_LIMIT.calls) return undefined;
      const max = retry?.rate_limited?.maxWaitMs ?? RATE_LIMIT.maxWaitMs;
      const asked = Math.min(failure.retryAfterMs ?? RATE_LIMIT.waitMs, max);
      return { delayMs: Math.max(asked, leastWaitMs(eventId, calls)), counts: false };
    }
    case 'timeout':
      return effect === 'read' ? attempt(retry?.timeout, failures, eventId) : undefined;
    case 'transient':
      return attempt(retry?.transient, failures, eventId);
    default:
      return undefined;
  }
}

/** Doubles with every call, between half of it and the whole. */
function leastWaitMs(eventId: string, calls: number): number {
  const most = Math.min(RATE_LIMIT.leastMs * 2 ** Math.min(calls - 1, 30), RATE_LIMIT.mostLeastMs);
  return Math.ceil((most * (1 + chance(eventId))) / 2);
}

function attempt(backoff: CompiledBackoff = {}, failures: number, eventId: string): Retry | undefined {
  if (failures + 1 >= (backoff.attempts ?? DEFAULTS.attempts)) return undefined;
  return { delayMs: backoffMs(eventId, failures + 1, backoff), counts: true };
}

/** The failure of a call whose attempts keep ending the process that runs them. */
export const endsItsProcess = (deaths: number): Failure => ({
  class: 'internal',
  code: 'tool.keeps_dying',
  message: `${deaths} attempts of this call have ended the process that ran them: its tool must be mended before it is retried`,
});
