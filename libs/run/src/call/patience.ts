import type { Failure } from '@interlock/contracts';
import type { CompiledBackoff, CompiledRetry } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { backoffMs, leftMs } from './retry.js';

/** Repetitions, verifications and doubts of one call, until a person is asked: where no time is said for retries. */
const RECOVERIES_MAX = 5;

/** How the call is made again: what its step says, and else its workflow. */
export function retryNumbers(draft: DecisionDraft, call: CallIndex): CompiledRetry {
  const { retry = {} } = draft.state.origin.compiled;
  const { retry: own = {} } = draft.called(call);
  return { ...retry, ...own, rate_limited: { ...retry.rate_limited, ...own.rate_limited } };
}

const passing: ReadonlySet<Failure['class']> = new Set(['transient', 'timeout', 'rate_limited']);

/** Whether it may be gone the next time. */
export const isPassing = (failure: Failure): boolean => passing.has(failure.class);

/** A call that is about a doubt: `call` itself, or a verification, and how often it has failed before. */
export interface Recovering {
  readonly call: CallIndex;
  readonly failures: number;
}

/** Whether a doubt that has come up, or one more failure to clear it up, leaves time for another try. */
export function hasPatience(draft: DecisionDraft, { call, failures }: Recovering): boolean {
  const { transient } = retryNumbers(draft, call);
  if (transient?.forMs === undefined) return failures < RECOVERIES_MAX;
  return leftMs(transient.forMs, draft.call(call).retrying, draft.now) > 0;
}

/** How long a recovery waits before its next try, which is the last one when the time for it is over. */
export function recoveryWaitMs(
  draft: DecisionDraft,
  { call, failures }: Recovering,
  eventId: string,
  numbers: CompiledBackoff = {},
): number {
  const { transient = {} } = retryNumbers(draft, call);
  const { forMs, maxBackoffMs } = transient;
  if (forMs === undefined) return backoffMs(eventId, failures, numbers);
  const wait = backoffMs(eventId, failures, {
    ...numbers,
    ...(maxBackoffMs !== undefined && { maxBackoffMs }),
  });
  return Math.min(wait, Math.max(0, leftMs(forMs, draft.call(call).retrying, draft.now)));
}
