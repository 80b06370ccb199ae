import {
  type CallOutcome,
  DoubtResolved,
  LateOutcomeRecorded,
  type MessageOf,
  type ToolOutcomeLate,
} from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { findRequest, hasHappened, requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { RequestIndex } from '../indices.js';
import { attemptFailed, takeOutcome } from './outcomes.js';
import { performed } from './performed.js';
import { revoke } from './revoke.js';

type Late = MessageOf<typeof ToolOutcomeLate>['data'];
type Effect = 'answers' | 'agrees' | 'escalates';

/**
 * An attempt that was closed as unknown turns out to have done something. A success is the answer as long as the call
 * is open; a failure answers only the attempt it names, and only while that one is in doubt.
 */
export function takeLate(emitter: Emitter, late: Late): undefined {
  if (emitter.state.end !== null) return afterTheEnd(emitter, late);
  const ordinal = findRequest(emitter.state, late.requestId);
  if (ordinal === undefined) return;
  const callRequest = requestAt(emitter.state, ordinal);
  const { outcome } = late;
  if (callRequest.open) {
    return takeOutcome(
      emitter,
      late.requestId,
      outcome.ok ? succeeded(outcome) : { kind: 'failed', failure: outcome.failure },
    );
  }
  if (callRequest.purpose === 'verify' || callRequest.late === true) return;
  const effect = effectOf(emitter, ordinal, outcome);
  const wasInDoubt = emitter.step(callRequest.step).call?.doubt !== undefined;
  const id = record(emitter, emitter.definition(callRequest.step).id, callRequest.hash, late, effect);
  if (effect === 'answers') answer(emitter, ordinal, late, id, wasInDoubt);
}

const succeeded = ({ output, compensation }: Extract<Late['outcome'], { ok: true }>): CallOutcome =>
  compensation === undefined
    ? { kind: 'succeeded', output: output ?? null }
    : { kind: 'succeeded', output: output ?? null, compensation };

/** It happened, but what it answered breaks its contract: that settles a doubt no better than silence. */
const isUnusable = (outcome: Late['outcome']): boolean =>
  !outcome.ok && outcome.failure.class === 'invalid_output';

function effectOf(emitter: Emitter, ordinal: RequestIndex, outcome: Late['outcome']): Effect {
  const { hash, step: place } = requestAt(emitter.state, ordinal);
  const { call, status } = emitter.step(place);
  const isOpen =
    call?.hash === hash &&
    call.phase !== 'over' &&
    (call.doubt !== undefined || status === 'running') &&
    call.known === undefined;
  if (outcome.ok || isUnusable(outcome)) {
    if (isOpen) return outcome.ok ? 'answers' : 'agrees';
    const isKnown = call?.hash === hash && (call.result === 'happened' || call.known !== undefined);
    return isKnown || hasHappened(emitter.state, hash) ? 'agrees' : 'escalates';
  }
  // With a key, another attempt may still have succeeded.
  const byKey = (emitter.definition(place) as CompiledToolStep).recovery?.by === 'idempotency-key';
  return isOpen && call.doubt?.callRequest === ordinal && !byKey ? 'answers' : 'agrees';
}

function answer(
  emitter: Emitter,
  ordinal: RequestIndex,
  { outcome }: Late,
  eventId: string,
  wasInDoubt: boolean,
): undefined {
  const { step: place, hash: callHash } = requestAt(emitter.state, ordinal);
  const { call, verify } = emitter.step(place);
  if (verify !== undefined) takeBack(emitter, verify.callRequest);
  takeBack(emitter, call!.callRequest);
  const step = emitter.definition(place).id;
  if (wasInDoubt) emitter.emit(DoubtResolved({ step, callHash, happened: outcome.ok, by: 'late' }));
  if (outcome.ok) performed(emitter, place, ordinal);
  else attemptFailed(emitter, place, outcome.failure, eventId);
}

function takeBack(emitter: Emitter, ordinal: RequestIndex): undefined {
  const { open, revoked } = requestAt(emitter.state, ordinal);
  if (open && revoked === undefined) revoke(emitter, ordinal, 'answered');
}

function afterTheEnd(emitter: Emitter, late: Late): undefined {
  const end = emitter.state.end!;
  const write = end.writes.find(({ seq }) => `${emitter.key}/${seq}` === late.requestId);
  if (write === undefined || end.late.some(({ callHash }) => callHash === late.callHash)) return;
  const happened = late.outcome.ok || isUnusable(late.outcome);
  const effect = happened && !write.happened ? 'escalates' : 'agrees';
  record(emitter, write.step, late.callHash, late, effect);
}

function record(emitter: Emitter, step: string, callHash: string, late: Late, effect: Effect): string {
  const { requestId, outcome } = late;
  return emitter.emit(LateOutcomeRecorded({ requestId, step, callHash, outcome, effect }));
}
