import {
  type CallOutcome,
  DoubtResolved,
  LateOutcomeRecorded,
  type MessageOf,
  type ToolOutcomeLate,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, RequestIndex } from '../indices.js';
import { isCurrent, standing } from '../scope/called.js';
import { happenedOf, hasHappened, isOver } from './calls.js';
import { attemptFailed, onOutcome } from './outcomes.js';
import { performed, recordLate } from './performed.js';
import { findRequest, isOpen } from './requests.js';
import { revoke } from './revoke.js';
import type { CallState } from './state.js';

type Late = MessageOf<typeof ToolOutcomeLate>['data'];
type Effect = 'answers' | 'agrees' | 'escalates';

/**
 * An attempt that was closed as unknown turns out to have done something. A success is the answer as long as the call
 * is open; a failure answers only the attempt it names, and only while that one is in doubt.
 */
export function onLate(draft: DecisionDraft, late: Late): undefined {
  if (draft.state.end !== null) return afterTheEnd(draft, late);
  const request = findRequest(draft.state, late.requestId);
  if (request === undefined) return;
  const asked = draft.request(request);
  const { outcome } = late;
  if (isOpen(asked)) {
    return onOutcome(
      draft,
      late.requestId,
      outcome.ok ? succeeded(outcome) : { kind: 'failed', failure: outcome.failure },
    );
  }
  if (draft.owner(asked.call).clearsDoubt || asked.late === true) return;
  const call = standing(draft.state, asked.call);
  const before = call === undefined ? undefined : draft.call(call);
  const effect = effectOf(draft, request, outcome);
  const { hash: callHash } = draft.call(asked.call);
  const asks = effect === 'answers' && outcome.ok;
  const { requestId } = late;
  const id = recordLate(draft, asked.call, { requestId, callHash, outcome, effect }, asks);
  if (effect === 'answers' && call !== undefined && before !== undefined)
    answer(draft, call, before, late, id);
}

const succeeded = ({ output, compensation }: Extract<Late['outcome'], { ok: true }>): CallOutcome =>
  compensation === undefined
    ? { kind: 'succeeded', output: output ?? null }
    : { kind: 'succeeded', output: output ?? null, compensation };

/** It happened, but what it answered breaks its contract: so it does not settle a doubt. */
const isUnusable = (outcome: Late['outcome']): boolean =>
  !outcome.ok && outcome.failure.class === 'invalid_output';

function effectOf(draft: DecisionDraft, request: RequestIndex, outcome: Late['outcome']): Effect {
  const { call: made } = draft.request(request);
  const at = standing(draft.state, made);
  const call = at === undefined ? undefined : draft.call(at);
  const isAnswerable = at !== undefined && call !== undefined && isUndecided(draft, at, call);
  if (outcome.ok || isUnusable(outcome)) {
    if (isAnswerable) return outcome.ok ? 'answers' : 'agrees';
    const isKnown = call !== undefined && happenedOf(call) !== undefined;
    return isKnown || hasHappened(draft.state, draft.call(made).hash) ? 'agrees' : 'escalates';
  }
  // With a key, another attempt may still have succeeded.
  const byKey = draft.called(made).recovery?.by === 'idempotency-key';
  return isAnswerable && call.doubt?.request === request && !byKey ? 'answers' : 'agrees';
}

/** Whether its outcome is not known yet, and something waits for it. */
const isUndecided = (draft: DecisionDraft, at: CallIndex, call: CallState): boolean =>
  !isOver(call) && happenedOf(call) === undefined && (call.doubt !== undefined || isCurrent(draft.state, at));

function answer(
  draft: DecisionDraft,
  call: CallIndex,
  before: CallState,
  { outcome }: Late,
  eventId: string,
): undefined {
  if (before.at.phase === 'verifying') revokeOpen(draft, draft.call(before.at.verification).request);
  revokeOpen(draft, before.request);
  const { step } = draft.called(call);
  if (before.doubt !== undefined)
    draft.emit(DoubtResolved({ step, callHash: before.hash, happened: outcome.ok, by: 'late' }));
  if (outcome.ok) performed(draft, call);
  else attemptFailed(draft, call, outcome.failure, eventId);
}

function revokeOpen(draft: DecisionDraft, request: RequestIndex): undefined {
  if (draft.request(request).at.status === 'open') revoke(draft, request, 'answered');
}

function afterTheEnd(draft: DecisionDraft, late: Late): undefined {
  const { end } = draft.state;
  const write = end?.writes.find(({ seq }) => `${draft.key}/${seq}` === late.requestId);
  if (write === undefined || end?.late.some(({ callHash }) => callHash === late.callHash)) return;
  const happened = late.outcome.ok || isUnusable(late.outcome);
  const effect = happened && !write.happened ? 'escalates' : 'agrees';
  const { requestId, callHash, outcome } = late;
  draft.emit(LateOutcomeRecorded({ requestId, step: write.step, callHash, outcome, effect }));
}
