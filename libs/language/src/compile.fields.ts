import { parseDuration } from '@interlock/contracts';
import type { CompiledBackoff, CompiledBudget, CompiledOnFailure, CompiledRetry } from './compiled.js';
import type { WorkflowDocument } from './document.schema.js';
import type { OnFailure, Retry, Step } from './step.schema.js';

/** From checked document fields to what runs read. Absent fields stay absent: the result is hashed. */

export const defaultBudget: CompiledBudget = {
  tokens: 100_000,
  costUsd: 5,
  steps: 1_000,
  toolCalls: 1_000,
  durationMs: 86_400_000,
};

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The object without its undefined fields. */
export const withoutAbsent = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

const ms = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

export function compileBudget(budget: WorkflowDocument['budget']): CompiledBudget {
  const { duration, ...numbers } = budget ?? {};
  return { ...defaultBudget, ...withoutAbsent({ ...numbers, durationMs: ms(duration) }) };
}

export function compileTimeout(timeout: Step['timeout']): { attemptMs?: number; totalMs?: number } {
  if (typeof timeout === 'string') return withoutAbsent({ totalMs: ms(timeout) }) as { totalMs?: number };
  return withoutAbsent({ attemptMs: ms(timeout?.attempt), totalMs: ms(timeout?.total) }) as {
    totalMs?: number;
  };
}

export function compileRetry(retry: Retry): CompiledRetry {
  return withoutAbsent({
    transient: retry.transient && backoff(retry.transient),
    timeout: retry.timeout && backoff(retry.timeout),
    rate_limited:
      retry.rate_limited &&
      (withoutAbsent({ maxWaitMs: ms(retry.rate_limited.maxWait) }) as { maxWaitMs?: number }),
  }) as CompiledRetry;
}

const backoff = (numbers: NonNullable<Retry['transient']>): CompiledBackoff =>
  withoutAbsent({
    attempts: numbers.attempts,
    backoffMs: ms(numbers.backoff),
    maxBackoffMs: ms(numbers.maxBackoff),
  }) as CompiledBackoff;

export function compileOnFailure(onFailure: OnFailure): CompiledOnFailure {
  if (typeof onFailure === 'string') return { do: onFailure };
  if ('fallback' in onFailure) return { do: 'fallback', step: onFailure.fallback };
  return { do: 'value', value: onFailure.value };
}

export const fallbackOf = (step: Step): string | undefined =>
  typeof step.onFailure === 'object' && 'fallback' in step.onFailure ? step.onFailure.fallback : undefined;

export { ms as durationMs };
