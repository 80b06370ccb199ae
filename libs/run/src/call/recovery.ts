import {
  type CallOutcome,
  type Compensation,
  DoubtResolved,
  type Failure,
  RecoveryStarted,
  StepParked,
  StepRetryScheduled,
  StepStopped,
} from '@interlock/contracts';
import type { CompiledRecovery, CompiledToolStep } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { requestAt } from '../edit.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { deadlineOf, timedOut } from './deadline.js';
import { performed } from './performed.js';
import { requestAgain, requestVerification } from './request.js';
import { backoffMs, DEATHS_MAX, endsItsProcess, RECOVERIES_MAX } from './retry.js';

/*
 * A call in doubt stays in doubt until an attempt, its verify tool or a person says what happened. What befalls a
 * repetition or the verify tool says nothing about the attempt in doubt: at the end of all tries a person is asked.
 */

const recoveryOf = (draft: DecisionDraft, place: StepIndex): CompiledRecovery =>
  (draft.definition(place) as CompiledToolStep).recovery ?? { by: 'ask-human', settleAfterMs: 0 };

/** An attempt came to nobody knows what. */
export function startRecovery(draft: DecisionDraft, place: StepIndex, eventId: string): undefined {
  const { call } = draft.step(place);
  const recovery = recoveryOf(draft, place);
  const isHopeless = call!.doubts > RECOVERIES_MAX || call!.deaths >= DEATHS_MAX;
  if (recovery.by === 'ask-human' || isHopeless) return askPerson(draft, place);
  const notBefore =
    recovery.by === 'verify'
      ? settledAt(draft, place)
      : draft.now + backoffMs(eventId, call!.doubts, { backoffMs: 100 });
  begin(draft, place, recovery.by, notBefore);
}

function begin(
  draft: DecisionDraft,
  place: StepIndex,
  by: CompiledRecovery['by'],
  notBefore: number,
): undefined {
  const { id: step } = draft.definition(place);
  const { call } = draft.step(place);
  draft.emit(RecoveryStarted({ step, callHash: call!.hash, by, notBefore: Math.max(notBefore, draft.now) }));
}

/** From here on the attempt in doubt has either reached its target or never will. */
function settledAt(draft: DecisionDraft, place: StepIndex): number {
  const recovery = recoveryOf(draft, place);
  const settleAfterMs = recovery.by === 'idempotency-key' ? 0 : recovery.settleAfterMs;
  const { doubt } = draft.step(place).call!;
  return (doubt?.deadline ?? draft.now) + settleAfterMs + draft.settings.clockSkewMs;
}

/** A person is asked, but not before the attempt has settled: until then nobody could know. */
export function askPerson(draft: DecisionDraft, place: StepIndex, reason?: Failure): undefined {
  const { deaths } = draft.step(place).call!;
  const why = deaths >= DEATHS_MAX ? endsItsProcess(deaths) : reason;
  if (draft.now < settledAt(draft, place)) {
    return begin(draft, place, 'ask-human', settledAt(draft, place));
  }
  const { id: step } = draft.definition(place);
  const because = why === undefined ? '' : ` (${why.class} ${why.code})`;
  const message = `nobody knows whether this call happened${because}: retry it if it did not, skip it if it did`;
  const failure: Failure = { class: 'outcome_unknown', code: 'call.in_doubt', message };
  draft.emit(StepParked({ step, because: 'in_doubt', failure }));
}

/** The time has come that `RecoveryStarted` named. */
export function continueRecovery(draft: DecisionDraft, place: StepIndex): undefined {
  const { call } = draft.step(place);
  const recovery = recoveryOf(draft, place);
  if (call!.phase === 'asking') return askPerson(draft, place);
  const refused =
    recovery.by === 'verify' ? requestVerification(draft, place, recovery.tool) : requestAgain(draft, place);
  if (refused !== undefined) askPerson(draft, place, refused);
}

/** A repetition of a call in doubt was refused, denied or failed. */
export function repetitionFailed(
  draft: DecisionDraft,
  place: StepIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { id: step } = draft.definition(place);
  const { call } = draft.step(place);
  if (failure.class === 'domain') {
    // The target answers for the key: neither this attempt nor an earlier one took effect.
    draft.emit(DoubtResolved({ step, callHash: call!.hash, happened: false, by: 'repeat' }));
    return draft.owner(place).failed(draft, place, failure);
  }
  if (!isPassing(failure) || call!.failures + 1 >= RECOVERIES_MAX) return askPerson(draft, place, failure);
  again(draft, place, failure, eventId, call!.failures + 1);
}

const isPassing = ({ class: kind }: Failure): boolean =>
  kind === 'transient' || kind === 'timeout' || kind === 'rate_limited';

function again(
  draft: DecisionDraft,
  place: StepIndex,
  failure: Failure,
  eventId: string,
  tries: number,
): undefined {
  const { id: step } = draft.definition(place);
  const wait = Math.max(failure.retryAfterMs ?? 0, backoffMs(eventId, tries));
  draft.emit(StepRetryScheduled({ step, failure, attempt: tries, due: draft.now + wait, counts: true }));
}

/** What the verify tool answered about the attempt in doubt. */
export function verified(
  draft: DecisionDraft,
  ordinal: RequestIndex,
  outcome: CallOutcome,
  eventId: string,
): undefined {
  const { step: place } = requestAt(draft.state, ordinal);
  const { call, verify } = draft.step(place);
  // Something else has answered meanwhile.
  if (call?.phase !== 'verifying' || verify?.callRequest !== ordinal) return;
  if (outcome.kind === 'refused' && outcome.stop !== undefined) {
    draft.emit(StepStopped({ step: draft.definition(place).id, stop: outcome.stop }));
    return;
  }
  const answer = outcome.kind === 'succeeded' ? answerIn(outcome) : undefined;
  if (answer !== undefined) return resolveDoubt(draft, place, ordinal, answer);
  const failure = verifyFailure(outcome);
  if (!isPassing(failure) || verify.failures + 1 >= RECOVERIES_MAX) return askPerson(draft, place, failure);
  again(draft, place, failure, eventId, verify.failures + 1);
}

interface Answer {
  readonly found: boolean;
  readonly output?: unknown;
  readonly compensation?: Compensation;
}

function answerIn({ output, compensation }: Extract<CallOutcome, { kind: 'succeeded' }>): Answer | undefined {
  if (typeof output !== 'object' || output === null || !('found' in output)) return undefined;
  const { found } = output;
  if (typeof found !== 'boolean') return undefined;
  if (!found) return { found };
  const wrote = { found, output: 'output' in output ? output.output : null };
  return compensation === undefined ? wrote : { ...wrote, compensation };
}

function verifyFailure(outcome: CallOutcome): Failure {
  switch (outcome.kind) {
    case 'failed':
      return outcome.failure;
    case 'unknown':
      return { class: 'timeout', code: 'verify.unknown', message: outcome.because };
    case 'refused': {
      const passing = outcome.code === 'expired' || outcome.code === 'killed';
      const kind = passing ? 'transient' : 'internal';
      return { class: kind, code: `refused.${outcome.code}`, message: outcome.message };
    }
    case 'succeeded':
      return {
        class: 'invalid_output',
        code: 'verify.answer',
        message: 'it must say {found: true or false}',
      };
  }
}

function resolveDoubt(
  draft: DecisionDraft,
  place: StepIndex,
  ordinal: RequestIndex,
  { found, ...wrote }: Answer,
): undefined {
  const { id: step } = draft.definition(place);
  const callHash = draft.step(place).call!.hash;
  const data = { step, callHash, happened: found, by: 'verify' } as const;
  draft.emit(DoubtResolved(found ? { ...data, ...wrote } : data));
  if (found) performed(draft, place, ordinal);
  else repeatAfterDoubt(draft, place);
}

/** It is known not to have happened: made again, unless the run is ending or paused, or its time is up. */
export function repeatAfterDoubt(draft: DecisionDraft, place: StepIndex): undefined {
  if (draft.isStopped(place)) return;
  if (draft.now >= deadlineOf(draft, place))
    return draft.owner(place).failed(draft, place, timedOut(draft, place));
  if (draft.step(place).call!.doubts > RECOVERIES_MAX) {
    const message = `${RECOVERIES_MAX} attempts ended in doubt, and none of them happened`;
    return draft
      .owner(place)
      .failed(draft, place, { class: 'transient', code: 'attempts_exhausted', message });
  }
  // Due at once, when it is resumed.
  if (draft.isPaused) return;
  const refused = requestAgain(draft, place);
  if (refused !== undefined) draft.owner(place).failed(draft, place, refused);
}
