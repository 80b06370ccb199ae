import {
  DoubtResolved,
  type Failure,
  RecoveryStarted,
  StepParked,
  StepRetryScheduled,
} from '@interlock/contracts';
import type { CompiledRecovery } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { callDeadline, callTimedOut } from './deadline.js';
import { hasPatience, isPassing, recoveryWaitMs } from './patience.js';
import { requestAgain, requestVerification } from './request.js';
import { DEATHS_MAX, endsItsProcess } from './retry.js';

/*
 * A call in doubt stays in doubt until an attempt, its verify tool or a person says what happened. A failure of a repetition or of the
 * verify tool says nothing about the attempt in doubt: when all tries have failed a person is asked.
 */

const recoveryOf = (draft: DecisionDraft, call: CallIndex): CompiledRecovery =>
  draft.called(call).recovery ?? { by: 'ask-human', settleAfterMs: 0 };

/** The outcome of an attempt is not known. */
export function startRecovery(draft: DecisionDraft, call: CallIndex, eventId: string): undefined {
  const { doubts, deaths } = draft.call(call);
  const recovery = recoveryOf(draft, call);
  const isHopeless = deaths >= DEATHS_MAX || !hasPatience(draft, { call, failures: doubts - 1 });
  if (recovery.by === 'ask-human' || isHopeless) return askPerson(draft, call);
  const wait = recoveryWaitMs(draft, { call, failures: doubts }, eventId, { backoffMs: 100 });
  const notBefore = recovery.by === 'verify' ? settledAt(draft, call) : draft.now + wait;
  begin(draft, call, recovery.by, notBefore);
}

function begin(draft: DecisionDraft, call: CallIndex, by: CompiledRecovery['by'], at: number): undefined {
  const { step } = draft.called(call);
  const { hash: callHash } = draft.call(call);
  draft.emit(RecoveryStarted({ step, callHash, by, notBefore: Math.max(at, draft.now) }));
}

/** After this time the attempt in doubt has reached its target or never will. */
function settledAt(draft: DecisionDraft, call: CallIndex): number {
  const recovery = recoveryOf(draft, call);
  const settleAfterMs = recovery.by === 'idempotency-key' ? 0 : recovery.settleAfterMs;
  const { doubt } = draft.call(call);
  return (doubt?.deadline ?? draft.now) + settleAfterMs + draft.settings.clockSkewMs;
}

/** A person is asked, but not before the attempt has settled: until then nobody could know. */
export function askPerson(draft: DecisionDraft, call: CallIndex, reason?: Failure): undefined {
  const { deaths } = draft.call(call);
  const why = deaths >= DEATHS_MAX ? endsItsProcess(deaths) : reason;
  if (draft.now < settledAt(draft, call)) return begin(draft, call, 'ask-human', settledAt(draft, call));
  const { step } = draft.called(call);
  const because = why === undefined ? '' : ` (${why.class} ${why.code})`;
  const message = `nobody knows whether this call happened${because}: retry it if it did not, skip it if it did`;
  const failure: Failure = { class: 'outcome_unknown', code: 'call.in_doubt', message };
  draft.emit(StepParked({ step, because: 'in_doubt', failure }));
}

/** The time that `RecoveryStarted` named has come. */
export function continueRecovery(draft: DecisionDraft, call: CallIndex): undefined {
  const recovery = recoveryOf(draft, call);
  if (draft.call(call).at.phase === 'asking') return askPerson(draft, call);
  const refused =
    recovery.by === 'verify' ? requestVerification(draft, call, recovery.tool) : requestAgain(draft, call);
  if (refused !== undefined) askPerson(draft, call, refused);
}

/** A repetition of a call in doubt was refused, denied or failed. */
export function repetitionFailed(
  draft: DecisionDraft,
  call: CallIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { hash: callHash, failures } = draft.call(call);
  if (failure.class === 'domain') {
    // The target answers for the key: neither this attempt nor an earlier one took effect.
    draft.emit(DoubtResolved({ step: draft.called(call).step, callHash, happened: false, by: 'repeat' }));
    return draft.owner(call).failed(draft, call, failure);
  }
  if (!mayTryAgain(draft, call, failure, failures)) return askPerson(draft, call, failure);
  tryAgain(draft, call, failure, eventId);
}

/** Whether a repetition or a verification is made once more after a failure, the `failures` before it counted. */
export const mayTryAgain = (
  draft: DecisionDraft,
  call: CallIndex,
  failure: Failure,
  failures: number,
): boolean => isPassing(failure) && hasPatience(draft, { call, failures: failures + 1 });

export function tryAgain(
  draft: DecisionDraft,
  call: CallIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const attempt = draft.call(call).failures + 1;
  const asked = failure.retryAfterMs ?? 0;
  const wait = Math.max(asked, recoveryWaitMs(draft, { call, failures: attempt }, eventId));
  const { step } = draft.called(call);
  draft.emit(StepRetryScheduled({ step, failure, attempt, due: draft.now + wait, counts: true }));
}

/** It is known not to have happened: made again, unless the run is ending or paused, or its time is up. */
export function repeatAfterDoubt(draft: DecisionDraft, call: CallIndex): undefined {
  if (draft.isStopped(call)) return;
  const owner = draft.owner(call);
  if (draft.now >= callDeadline(draft, call)) return owner.failed(draft, call, callTimedOut(draft, call));
  const { doubts } = draft.call(call);
  if (doubts > 0 && !hasPatience(draft, { call, failures: doubts - 1 })) {
    const message = `${doubts} attempts ended in doubt, and none of them happened`;
    return owner.failed(draft, call, { class: 'transient', code: 'attempts_exhausted', message });
  }
  // It is due at once when the run is resumed.
  if (draft.isPaused) return;
  const refused = requestAgain(draft, call);
  if (refused !== undefined) owner.failed(draft, call, refused);
}
