import { type Failure, type MessageOf, type PolicyDecided, VerdictRecorded } from '@interlock/contracts';
import { requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { completeWhenAllowed } from './complete.js';
import { askPerson } from './recovery.js';
import { revoke } from './revoke.js';

export type Decided = MessageOf<typeof PolicyDecided>['data'];

/** A verdict on a request for a call, or on its outcome. */
export function takeCallVerdict(emitter: Emitter, ordinal: RequestIndex, decided: Decided): undefined {
  if (decided.point === 'before') beforeCall(emitter, ordinal, decided);
  else afterCall(emitter, requestAt(emitter.state, ordinal).step, decided);
}

function beforeCall(emitter: Emitter, ordinal: RequestIndex, decided: Decided): undefined {
  const callRequest = requestAt(emitter.state, ordinal);
  if (callRequest.verdict !== undefined || decided.checkId !== decided.requestId) return;
  const wasKnown = emitter.step(callRequest.step).call?.known !== undefined;
  recordVerdict(emitter, callRequest.step, decided);
  const { verdict } = requestAt(emitter.state, ordinal);
  if (!callRequest.open || verdict === 'allow') return;
  // The call had happened: this request was a repetition of it.
  if (wasKnown) return completeWhenAllowed(emitter, callRequest.step);
  const { call, verify } = emitter.step(callRequest.step);
  const isVerifying = call?.phase === 'verifying' && verify?.callRequest === ordinal;
  const speaksOfCall = callRequest.purpose === 'verify' ? isVerifying : call?.callRequest === ordinal;
  if (!speaksOfCall || call === undefined || call.phase === 'over') return;
  const failure = denied(decided);
  const { approval, policies, reason } = decided;
  if (verdict === 'approval')
    return emitter
      .owner(callRequest.step)
      .demanded(emitter, ordinal, { approval: approval!, policies, reason });
  if (call.doubt !== undefined) return askPerson(emitter, callRequest.step, failure);
  if (callRequest.revoked !== 'redacted' && verdict === 'deny' && !emitter.isStopped(callRequest.step))
    emitter.owner(callRequest.step).failed(emitter, callRequest.step, failure);
}

function afterCall(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { check } = emitter.step(place);
  if (check === undefined || decided.checkId !== `${emitter.key}/${check}`) return;
  recordVerdict(emitter, place, decided);
  if (decided.verdict === 'deny') return emitter.owner(place).failed(emitter, place, denied(decided));
  if (decided.redact !== undefined && decided.redact.length > 0) revokeOn(emitter, decided.checkId);
  completeWhenAllowed(emitter, place);
}

/** What was made from the output as it was before the redaction. */
function revokeOn(emitter: Emitter, checkId: string): undefined {
  for (const ordinal of emitter.state.openRequests) {
    const { needs, revoked } = requestAt(emitter.state, ordinal);
    if (needs.includes(checkId) && revoked === undefined) revoke(emitter, ordinal, 'redacted');
  }
}

export function recordVerdict(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { checkId, requestId, point, verdict, approval, redact, bundle, policies, reason } = decided;
  const step = emitter.definition(place).id;
  const extra = {
    ...(approval === undefined ? {} : { approval }),
    ...(redact === undefined ? {} : { redact }),
  };
  emitter.emit(
    VerdictRecorded({ checkId, requestId, step, point, verdict, ...extra, bundle, policies, reason }),
  );
}

/** The failure of what policy forbids. */
export const denied = ({ point, policies, reason }: Decided): Failure => ({
  class: 'denied',
  code: `policy.${point}`,
  message: policies.length === 0 ? reason : `${reason} (${policies.join(', ')})`.slice(0, 4_000),
});
