import { type Failure, type MessageOf, type PolicyDecided, VerdictRecorded } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import { requestAt } from '../edit.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { completeWhenAllowed } from './complete.js';
import { askPerson } from './recovery.js';
import { revoke } from './revoke.js';

export type Decided = MessageOf<typeof PolicyDecided>['data'];

/** A verdict on a request for a call, or on its outcome. */
export function onCallVerdict(draft: DecisionDraft, ordinal: RequestIndex, decided: Decided): undefined {
  if (decided.point === 'before') beforeCall(draft, ordinal, decided);
  else afterCall(draft, requestAt(draft.state, ordinal).step, decided);
}

function beforeCall(draft: DecisionDraft, ordinal: RequestIndex, decided: Decided): undefined {
  const callRequest = requestAt(draft.state, ordinal);
  if (callRequest.verdict !== undefined || decided.checkId !== decided.requestId) return;
  const wasKnown = draft.step(callRequest.step).call?.known !== undefined;
  recordVerdict(draft, callRequest.step, decided);
  const { verdict } = requestAt(draft.state, ordinal);
  if (!callRequest.open || verdict === 'allow') return;
  // The call had happened: this request was a repetition of it.
  if (wasKnown) return completeWhenAllowed(draft, callRequest.step);
  const { call, verify } = draft.step(callRequest.step);
  const isVerifying = call?.phase === 'verifying' && verify?.callRequest === ordinal;
  const speaksOfCall = callRequest.purpose === 'verify' ? isVerifying : call?.callRequest === ordinal;
  if (!speaksOfCall || call === undefined || call.phase === 'over') return;
  const failure = denied(decided);
  const { approval, policies, reason } = decided;
  if (verdict === 'approval')
    return draft.owner(callRequest.step).demanded(draft, ordinal, { approval: approval!, policies, reason });
  if (call.doubt !== undefined) return askPerson(draft, callRequest.step, failure);
  if (callRequest.revoked !== 'redacted' && verdict === 'deny' && !draft.isStopped(callRequest.step))
    draft.owner(callRequest.step).failed(draft, callRequest.step, failure);
}

function afterCall(draft: DecisionDraft, place: StepIndex, decided: Decided): undefined {
  const { check } = draft.step(place);
  if (check === undefined || decided.checkId !== `${draft.key}/${check}`) return;
  recordVerdict(draft, place, decided);
  if (decided.verdict === 'deny') return draft.owner(place).failed(draft, place, denied(decided));
  if (decided.redact !== undefined && decided.redact.length > 0) revokeOn(draft, decided.checkId);
  completeWhenAllowed(draft, place);
}

/** What was made from the output as it was before the redaction. */
function revokeOn(draft: DecisionDraft, checkId: string): undefined {
  for (const ordinal of draft.state.openRequests) {
    const { needs, revoked } = requestAt(draft.state, ordinal);
    if (needs.includes(checkId) && revoked === undefined) revoke(draft, ordinal, 'redacted');
  }
}

export function recordVerdict(draft: DecisionDraft, place: StepIndex, decided: Decided): undefined {
  const { checkId, requestId, point, verdict, approval, redact, bundle, policies, reason } = decided;
  const step = draft.definition(place).id;
  const extra = {
    ...(approval === undefined ? {} : { approval }),
    ...(redact === undefined ? {} : { redact }),
  };
  draft.emit(
    VerdictRecorded({ checkId, requestId, step, point, verdict, ...extra, bundle, policies, reason }),
  );
}

/** The failure of what policy forbids. */
export const denied = ({ point, policies, reason }: Decided): Failure => ({
  class: 'denied',
  code: `policy.${point}`,
  message: policies.length === 0 ? reason : `${reason} (${policies.join(', ')})`.slice(0, 4_000),
});
