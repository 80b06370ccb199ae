import { parseDuration } from '@interlock/contracts';
import type { CompiledBackoff, CompiledBudget, CompiledOnFailure, CompiledRetry } from './compiled.step.js';
import type { Budget, OnFailure, Retry, WrittenStep } from './step.schema.js';

/** From checked document fields to what runs read. Absent fields stay absent: the result is hashed. */

export const defaultBudget: CompiledBudget = {
  tokens: 100_000,
  costUsd: 5,
  steps: 1_000,
  toolCalls: 1_000,
  durationMs: 86_400_000,
};

/** What may be undefined may be absent. */
type WithoutAbsent<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields. */
export const withoutAbsent = <T extends object>(fields: T): WithoutAbsent<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as WithoutAbsent<T>;

/** @throws a text that its schema does not let through */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`${text} is no duration`);
  return ms;
}

export const optionalMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : durationMs(text);

export function compileBudget(budget: Budget | undefined): CompiledBudget {
  const { duration, ...numbers } = budget ?? {};
  return { ...defaultBudget, ...withoutAbsent({ ...numbers, durationMs: optionalMs(duration) }) };
}

export function compileTimeout(timeout: WrittenStep['timeout']): { attemptMs?: number; totalMs?: number } {
  if (typeof timeout === 'string') return { totalMs: durationMs(timeout) };
  return withoutAbsent({ attemptMs: optionalMs(timeout?.attempt), totalMs: optionalMs(timeout?.total) });
}

const lasting: CompiledBackoff = { backoffMs: 200, maxBackoffMs: 60_000, forMs: 600_000 };

/** How calls are made again: they last. A target that limits its rate is obeyed as long as the step's time goes. */
export const lastingRetry: CompiledRetry = {
  transient: lasting,
  timeout: lasting,
  rate_limited: { maxWaitMs: 86_400_000, calls: 10_000 },
};

export function compileRetry({ for: time, cap, transient, timeout, rate_limited }: Retry): CompiledRetry {
  const whole = withoutAbsent({ forMs: optionalMs(time), maxBackoffMs: optionalMs(cap) });
  return withoutAbsent({
    transient: backoff(transient, whole),
    timeout: backoff(timeout, whole),
    rate_limited: rate_limited && withoutAbsent({ maxWaitMs: optionalMs(rate_limited.maxWait) }),
  });
}

/** Attempts that are said bound it alone, unless a time is said too. */
function backoff(
  numbers: Retry['transient'],
  whole: Pick<CompiledBackoff, 'forMs' | 'maxBackoffMs'>,
): CompiledBackoff | undefined {
  if (numbers === undefined && Object.keys(whole).length === 0) return undefined;
  const own = withoutAbsent({
    attempts: numbers?.attempts,
    backoffMs: optionalMs(numbers?.backoff),
    maxBackoffMs: optionalMs(numbers?.maxBackoff),
  });
  return { ...(own.attempts === undefined ? lasting : {}), ...whole, ...own };
}

export function compileOnFailure(onFailure: OnFailure): CompiledOnFailure {
  if (typeof onFailure === 'string') return { do: onFailure };
  if ('fallback' in onFailure) return { do: 'fallback', step: onFailure.fallback };
  return { do: 'value', value: onFailure.value };
}

export const fallbackOf = (step: WrittenStep): string | undefined =>
  typeof step.onFailure === 'object' && 'fallback' in step.onFailure ? step.onFailure.fallback : undefined;
