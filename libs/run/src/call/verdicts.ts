import {
  type Failure,
  type MessageOf,
  type PolicyDecided,
  reasonOf,
  VerdictRecorded,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, RequestIndex } from '../indices.js';
import { doubtedBy, isCurrent, standing } from '../scope/called.js';
import { happenedOf, isOver } from './calls.js';
import { completeWhenAllowed } from './complete.js';
import { askPerson } from './recovery.js';
import { isOpen, revocationOf } from './requests.js';
import { revoke } from './revoke.js';

export type Decided = MessageOf<typeof PolicyDecided>['data'];

/** A verdict on a request for a call, or on its outcome. */
export function onCallVerdict(draft: DecisionDraft, request: RequestIndex, decided: Decided): undefined {
  if (decided.point === 'before') beforeCall(draft, request, decided);
  else afterCall(draft, doubtedBy(draft.state, draft.request(request).call), decided);
}

function beforeCall(draft: DecisionDraft, request: RequestIndex, decided: Decided): undefined {
  const asked = draft.request(request);
  if (asked.verdict !== undefined) return;
  const before = draft.call(asked.call);
  const { step } = draft.called(asked.call);
  recordVerdict(draft, step, decided);
  const { verdict } = draft.request(request);
  if (!isOpen(asked) || verdict === 'allow') return;
  // The call had happened: this request was a repetition of it.
  if (happenedOf(before) !== undefined) return completeWhenAllowed(draft, asked.call);
  const owner = draft.owner(asked.call);
  const call = draft.call(asked.call);
  if (call.request !== request || isOver(call)) return;
  if (owner.clearsDoubt && !isCurrent(draft.state, asked.call)) return;
  const { approval, policies } = decided;
  if (verdict === 'approval' && approval !== undefined)
    return owner.demanded(draft, request, { approval, policies, reason: reasonOf(decided) });
  const failure = denied(decided);
  if (call.doubt !== undefined) return askPerson(draft, asked.call, failure);
  if (revocationOf(asked) !== 'redacted' && !draft.isStopped(asked.call))
    owner.failed(draft, asked.call, failure);
}

function afterCall(draft: DecisionDraft, made: CallIndex, decided: Decided): undefined {
  const call = standing(draft.state, made);
  if (call === undefined) return;
  const { check } = happenedOf(draft.call(call)) ?? {};
  if (check === undefined || check.isAllowed || decided.checkId !== `${draft.key}/${check.seq}`) return;
  recordVerdict(draft, draft.called(call).step, decided);
  if (decided.verdict === 'deny') return draft.owner(call).failed(draft, call, denied(decided));
  if (decided.redact !== undefined && decided.redact.length > 0) revokeOn(draft, decided.checkId);
  completeWhenAllowed(draft, call);
}

/** Revokes the requests that were made from the output before its redaction. */
function revokeOn(draft: DecisionDraft, checkId: string): undefined {
  for (const request of draft.state.openRequests) {
    const { needs, at } = draft.request(request);
    if (needs.includes(checkId) && at.status === 'open') revoke(draft, request, 'redacted');
  }
}

/** @param step its id */
export function recordVerdict(draft: DecisionDraft, step: string, decided: Decided): undefined {
  const { checkId, requestId, planId, point, verdict, approval, redact, bundle, policies, reason } = decided;
  draft.emit(
    VerdictRecorded({
      checkId,
      ...(requestId === undefined ? {} : { requestId }),
      ...(planId === undefined ? {} : { planId }),
      step,
      point,
      verdict,
      ...(approval === undefined ? {} : { approval }),
      ...(redact === undefined ? {} : { redact }),
      bundle,
      policies,
      ...(reason === undefined ? {} : { reason }),
    }),
  );
}

/** The failure of what policy forbids. */
export function denied(decided: Decided): Failure {
  const { point, policies, reason } = decided;
  const says = reasonOf(decided);
  const isSaid = reason === undefined || policies.length === 0;
  const message = isSaid ? says : `${says} (${policies.join(', ')})`;
  return { class: 'denied', code: `policy.${point}`, message: message.slice(0, 4_000) };
}
