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
import { requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { deadlineOf, timedOut } from './deadline.js';
import { performed } from './performed.js';
import { requestAgain, requestVerification } from './request.js';
import { backoffMs, DEATHS_MAX, endsItsProcess, RECOVERIES_MAX } from './retry.js';

/*
 * A call in doubt stays in doubt until an attempt, its verify tool or a person says what happened. What befalls a
 * repetition or the verify tool says nothing about the attempt in doubt: at the end of all tries a person is asked.
 */

const recoveryOf = (emitter: Emitter, place: StepIndex): CompiledRecovery =>
  (emitter.definition(place) as CompiledToolStep).recovery ?? { by: 'ask-human', settleAfterMs: 0 };

/** An attempt came to nobody knows what. */
export function startRecovery(emitter: Emitter, place: StepIndex, eventId: string): undefined {
  const { call } = emitter.step(place);
  const recovery = recoveryOf(emitter, place);
  const isHopeless = call!.doubts > RECOVERIES_MAX || call!.deaths >= DEATHS_MAX;
  if (recovery.by === 'ask-human' || isHopeless) return askPerson(emitter, place);
  const notBefore =
    recovery.by === 'verify'
      ? settledAt(emitter, place)
      : emitter.now + backoffMs(eventId, call!.doubts, { backoffMs: 100 });
  begin(emitter, place, recovery.by, notBefore);
}

function begin(emitter: Emitter, place: StepIndex, by: CompiledRecovery['by'], notBefore: number): undefined {
  const { id: step } = emitter.definition(place);
  const { call } = emitter.step(place);
  emitter.emit(
    RecoveryStarted({ step, callHash: call!.hash, by, notBefore: Math.max(notBefore, emitter.now) }),
  );
}

/** From here on the attempt in doubt has either reached its target or never will. */
function settledAt(emitter: Emitter, place: StepIndex): number {
  const recovery = recoveryOf(emitter, place);
  const settleAfterMs = recovery.by === 'idempotency-key' ? 0 : recovery.settleAfterMs;
  const { doubt } = emitter.step(place).call!;
  return (doubt?.deadline ?? emitter.now) + settleAfterMs + emitter.settings.clockSkewMs;
}

/** A person is asked, but not before the attempt has settled: until then nobody could know. */
export function askPerson(emitter: Emitter, place: StepIndex, reason?: Failure): undefined {
  const { deaths } = emitter.step(place).call!;
  const why = deaths >= DEATHS_MAX ? endsItsProcess(deaths) : reason;
  if (emitter.now < settledAt(emitter, place)) {
    return begin(emitter, place, 'ask-human', settledAt(emitter, place));
  }
  const { id: step } = emitter.definition(place);
  const because = why === undefined ? '' : ` (${why.class} ${why.code})`;
  const message = `nobody knows whether this call happened${because}: retry it if it did not, skip it if it did`;
  const failure: Failure = { class: 'outcome_unknown', code: 'call.in_doubt', message };
  emitter.emit(StepParked({ step, because: 'in_doubt', failure }));
}

/** The time has come that `RecoveryStarted` named. */
export function continueRecovery(emitter: Emitter, place: StepIndex): undefined {
  const { call } = emitter.step(place);
  const recovery = recoveryOf(emitter, place);
  if (call!.phase === 'asking') return askPerson(emitter, place);
  const refused =
    recovery.by === 'verify'
      ? requestVerification(emitter, place, recovery.tool)
      : requestAgain(emitter, place);
  if (refused !== undefined) askPerson(emitter, place, refused);
}

/** A repetition of a call in doubt was refused, denied or failed. */
export function repetitionFailed(
  emitter: Emitter,
  place: StepIndex,
  failure: Failure,
  eventId: string,
): undefined {
  const { id: step } = emitter.definition(place);
  const { call } = emitter.step(place);
  if (failure.class === 'domain') {
    // The target answers for the key: neither this attempt nor an earlier one took effect.
    emitter.emit(DoubtResolved({ step, callHash: call!.hash, happened: false, by: 'repeat' }));
    return emitter.owner(place).failed(emitter, place, failure);
  }
  if (!isPassing(failure) || call!.failures + 1 >= RECOVERIES_MAX) return askPerson(emitter, place, failure);
  again(emitter, place, failure, eventId, call!.failures + 1);
}

const isPassing = ({ class: kind }: Failure): boolean =>
  kind === 'transient' || kind === 'timeout' || kind === 'rate_limited';

function again(
  emitter: Emitter,
  place: StepIndex,
  failure: Failure,
  eventId: string,
  tries: number,
): undefined {
  const { id: step } = emitter.definition(place);
  const wait = Math.max(failure.retryAfterMs ?? 0, backoffMs(eventId, tries));
  emitter.emit(StepRetryScheduled({ step, failure, attempt: tries, due: emitter.now + wait, counts: true }));
}

/** What the verify tool answered about the attempt in doubt. */
export function verified(
  emitter: Emitter,
  ordinal: RequestIndex,
  outcome: CallOutcome,
  eventId: string,
): undefined {
  const { step: place } = requestAt(emitter.state, ordinal);
  const { call, verify } = emitter.step(place);
  // Something else has answered meanwhile.
  if (call?.phase !== 'verifying' || verify?.callRequest !== ordinal) return;
  if (outcome.kind === 'refused' && outcome.stop !== undefined) {
    emitter.emit(StepStopped({ step: emitter.definition(place).id, stop: outcome.stop }));
    return;
  }
  const answer = outcome.kind === 'succeeded' ? answerIn(outcome) : undefined;
  if (answer !== undefined) return resolveDoubt(emitter, place, ordinal, answer);
  const failure = verifyFailure(outcome);
  if (!isPassing(failure) || verify.failures + 1 >= RECOVERIES_MAX) return askPerson(emitter, place, failure);
  again(emitter, place, failure, eventId, verify.failures + 1);
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
  emitter: Emitter,
  place: StepIndex,
  ordinal: RequestIndex,
  { found, ...wrote }: Answer,
): undefined {
  const { id: step } = emitter.definition(place);
  const callHash = emitter.step(place).call!.hash;
  const data = { step, callHash, happened: found, by: 'verify' } as const;
  emitter.emit(DoubtResolved(found ? { ...data, ...wrote } : data));
  if (found) performed(emitter, place, ordinal);
  else repeatAfterDoubt(emitter, place);
}

/** It is known not to have happened: made again, unless the run is ending or paused, or its time is up. */
export function repeatAfterDoubt(emitter: Emitter, place: StepIndex): undefined {
  if (emitter.isStopped(place)) return;
  if (emitter.now >= deadlineOf(emitter, place))
    return emitter.owner(place).failed(emitter, place, timedOut(emitter, place));
  if (emitter.step(place).call!.doubts > RECOVERIES_MAX) {
    const message = `${RECOVERIES_MAX} attempts ended in doubt, and none of them happened`;
    return emitter
      .owner(place)
      .failed(emitter, place, { class: 'transient', code: 'attempts_exhausted', message });
  }
  // Due at once, when it is resumed.
  if (emitter.isPaused) return;
  const refused = requestAgain(emitter, place);
  if (refused !== undefined) emitter.owner(place).failed(emitter, place, refused);
}
