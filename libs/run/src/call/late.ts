import {
  type CallOutcome,
  DoubtResolved,
  LateOutcomeRecorded,
  type MessageOf,
  type ToolOutcomeLate,
} from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { findRequest, hasHappened, requestAt } from '../edit.js';
import type { RequestIndex } from '../indices.js';
import { attemptFailed, onOutcome } from './outcomes.js';
import { performed } from './performed.js';
import { revoke } from './revoke.js';

type Late = MessageOf<typeof ToolOutcomeLate>['data'];
type Effect = 'answers' | 'agrees' | 'escalates';

/**
 * An attempt that was closed as unknown turns out to have done something. A success is the answer as long as the call
 * is open; a failure answers only the attempt it names, and only while that one is in doubt.
 */
export function onLate(draft: DecisionDraft, late: Late): undefined {
  if (draft.state.end !== null) return afterTheEnd(draft, late);
  const ordinal = findRequest(draft.state, late.requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(draft.state, ordinal);
  const { outcome } = late;
  if (callRequest.open) {
    return onOutcome(
      draft,
      late.requestId,
      outcome.ok ? succeeded(outcome) : { kind: 'failed', failure: outcome.failure },
    );
  }
  if (callRequest.purpose === 'verify' || callRequest.late === true) return;
  const effect = effectOf(draft, ordinal, outcome);
  const wasInDoubt = draft.step(callRequest.step).call?.doubt !== undefined;
  const id = record(draft, draft.definition(callRequest.step).id, callRequest.hash, late, effect);
  if (effect === 'answers') answer(draft, ordinal, late, id, wasInDoubt);
}

const succeeded = ({ output, compensation }: Extract<Late['outcome'], { ok: true }>): CallOutcome =>
  compensation === undefined
    ? { kind: 'succeeded', output: output ?? null }
    : { kind: 'succeeded', output: output ?? null, compensation };

/** It happened, but what it answered breaks its contract: that settles a doubt no better than silence. */
const isUnusable = (outcome: Late['outcome']): boolean =>
  !outcome.ok && outcome.failure.class === 'invalid_output';

function effectOf(draft: DecisionDraft, ordinal: RequestIndex, outcome: Late['outcome']): Effect {
  const { hash, step: place } = requestAt(draft.state, ordinal);
  const { call, status } = draft.step(place);
  const isOpen =
    call?.hash === hash &&
    call.phase !== 'over' &&
    (call.doubt !== undefined || status === 'running') &&
    call.known === undefined;
  if (outcome.ok || isUnusable(outcome)) {
    if (isOpen) return outcome.ok ? 'answers' : 'agrees';
    const isKnown = call?.hash === hash && (call.result === 'happened' || call.known !== undefined);
    return isKnown || hasHappened(draft.state, hash) ? 'agrees' : 'escalates';
  }
  // With a key, another attempt may still have succeeded.
  const byKey = (draft.definition(place) as CompiledToolStep).recovery?.by === 'idempotency-key';
  return isOpen && call.doubt?.callRequest === ordinal && !byKey ? 'answers' : 'agrees';
}

function answer(
  draft: DecisionDraft,
  ordinal: RequestIndex,
  { outcome }: Late,
  eventId: string,
  wasInDoubt: boolean,
): undefined {
  const { step: place, hash: callHash } = requestAt(draft.state, ordinal);
  const { call, verify } = draft.step(place);
  if (verify !== undefined) revokeOpen(draft, verify.callRequest);
  revokeOpen(draft, call!.callRequest);
  const step = draft.definition(place).id;
  if (wasInDoubt) draft.emit(DoubtResolved({ step, callHash, happened: outcome.ok, by: 'late' }));
  if (outcome.ok) performed(draft, place, ordinal);
  else attemptFailed(draft, place, outcome.failure, eventId);
}

function revokeOpen(draft: DecisionDraft, ordinal: RequestIndex): undefined {
  const { open, revoked } = requestAt(draft.state, ordinal);
  if (open && revoked === undefined) revoke(draft, ordinal, 'answered');
}

function afterTheEnd(draft: DecisionDraft, late: Late): undefined {
  const end = draft.state.end!;
  const write = end.writes.find(({ seq }) => `${draft.key}/${seq}` === late.requestId);
  if (write === undefined || end.late.some(({ callHash }) => callHash === late.callHash)) return;
  const happened = late.outcome.ok || isUnusable(late.outcome);
  const effect = happened && !write.happened ? 'escalates' : 'agrees';
  record(draft, write.step, late.callHash, late, effect);
}

function record(draft: DecisionDraft, step: string, callHash: string, late: Late, effect: Effect): string {
  const { requestId, outcome } = late;
  return draft.emit(LateOutcomeRecorded({ requestId, step, callHash, outcome, effect }));
}
