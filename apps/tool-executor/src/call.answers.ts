import { type Decision, nothing } from '@interlock/actors';
import {
  type HandOverOutcome,
  type MessageOf,
  type ToolEvent,
  ToolFailed,
  ToolOutcomeLate,
  ToolOutcomeUnknown,
  ToolPlaceAwaited,
  ToolRefused,
  ToolSucceeded,
} from '@interlock/contracts';
import { letGo } from './call.advance.js';
import { type CallEnd, type CallResult, type CallWaiting, knownOutcome, successOf } from './call.effect.js';
import type { Attempt, CallState } from './call.state.js';
import { type CallContext, deferredCalls } from './deferred-calls.js';

/** A read that was revoked meanwhile is no longer deferred: nobody waits for its result. */
export function readEnded(requestId: string, result: CallResult, context: CallContext): Decision<ToolEvent> {
  const calls = deferredCalls(context.deferred);
  if (!calls.callRequests.some((callRequest) => callRequest.requestId === requestId)) return nothing;
  return { ...letGo(calls, new Set([requestId])), events: [readAnswer(requestId, result)] };
}

function readAnswer(requestId: string, { tookMs, end }: CallResult): ToolEvent {
  switch (end.kind) {
    case 'succeeded':
      return ToolSucceeded({ requestId, tookMs, ...successOf(end) });
    case 'failed':
      return ToolFailed({ requestId, tookMs, failure: end.failure });
    case 'unknown': {
      const failure = { class: 'timeout' as const, code: end.kind, message: end.because };
      return ToolFailed({ requestId, tookMs, failure });
    }
    case 'not_performed':
      return notPerformed(requestId, end);
    case 'refused':
      return refusedByTool(requestId, end.message);
  }
}

/** Without an attempt: it was still queued, or it was stopped before it began. */
const notPerformed = (
  requestId: string,
  { because, stop, isHeld }: Extract<CallEnd, { kind: 'not_performed' }>,
): ToolEvent =>
  ToolRefused({
    requestId,
    ...(stop === undefined
      ? { code: isHeld === true ? ('circuit_open' as const) : ('expired' as const) }
      : { code: 'killed' as const, stop }),
    message: `not performed: ${because}`.slice(0, 4_000),
    unsafe: false,
  });

const refusedByTool = (requestId: string, message: string): ToolEvent =>
  ToolRefused({ requestId, code: 'invalid_input', message, unsafe: false });

/** Only a call that is still deferred or has an intent can wait for a place. */
export function placeAwaited(
  requestId: string,
  { waitsFor }: CallWaiting,
  state: CallState | undefined,
  context: CallContext,
): ToolEvent[] {
  const isDeferred = deferredCalls(context.deferred).callRequests.some(
    (callRequest) => callRequest.requestId === requestId,
  );
  if (!isDeferred && state?.attempts[requestId] === undefined) return [];
  return [ToolPlaceAwaited({ requestId, ...(waitsFor !== undefined && { for: waitsFor.slice(0, 2_000) }) })];
}

/** C4: an open attempt gets its answer, and an attempt that was closed as unknown gets a late answer. Any other attempt gets none. */
export function writeEnded(requestId: string, result: CallResult, state: CallState | undefined): ToolEvent[] {
  const attempt = state?.attempts[requestId];
  if (attempt === undefined) return [];
  if (attempt.unknownSince === undefined) return [writeAnswer(requestId, result, attempt)];
  const outcome = knownOutcome(result.end);
  return outcome === undefined ? [] : [ToolOutcomeLate({ requestId, callHash: attempt.callHash, outcome })];
}

function writeAnswer(requestId: string, { tookMs, end }: CallResult, { deadline }: Attempt): ToolEvent {
  switch (end.kind) {
    case 'succeeded':
      return ToolSucceeded({ requestId, tookMs, ...successOf(end) });
    case 'failed':
      return ToolFailed({ requestId, tookMs, failure: end.failure });
    case 'unknown':
      return ToolOutcomeUnknown({
        requestId,
        deadline,
        because: end.because.slice(0, 2_000),
        ...(end.code !== undefined && { code: end.code }),
      });
    case 'refused':
      return refusedByTool(requestId, end.message);
    case 'not_performed':
      return notPerformed(requestId, end);
  }
}

type HandedOver = MessageOf<typeof HandOverOutcome>['data'];

export function outcomeHandedOver(
  { requestId, outcome }: HandedOver,
  state: CallState | undefined,
): ToolEvent[] {
  const attempt = state?.attempts[requestId];
  if (attempt === undefined) return [];
  const { callHash, unknownSince } = attempt;
  if (unknownSince !== undefined) return [ToolOutcomeLate({ requestId, callHash, outcome })];
  return outcome.ok
    ? [ToolSucceeded({ requestId, tookMs: 0, ...successOf(outcome) })]
    : [ToolFailed({ requestId, failure: outcome.failure, tookMs: 0 })];
}

export interface Closing {
  readonly clockSkewMs: number;
  /**
   * Attempts with a key need not wait for their deadline. True only right after a claim: at any other time an open attempt that
   * is not running may be an intent of ours on its way into the log.
   */
  readonly closeKeyed: boolean;
}

/** Of one decision; the rest is due at once. */
const CLOSED_MAX = 90;

/** C3: closes the attempts that nobody here performs. */
export function closeLost(
  state: CallState | undefined,
  context: CallContext,
  { clockSkewMs, closeKeyed }: Closing,
): ToolEvent[] {
  return lost(state, context.isRunning)
    .filter(([, { keyed, deadline }]) => (keyed && closeKeyed) || context.now >= deadline + clockSkewMs)
    .slice(0, CLOSED_MAX)
    .map(([requestId, { deadline }]) =>
      ToolOutcomeUnknown({ requestId, deadline, because: 'the host that performed it is gone' }),
    );
}

/** When each lost attempt must be looked at, UTC ms. */
export const lostAt = (
  state: CallState | undefined,
  isRunning: CallContext['isRunning'],
  clockSkewMs: number,
): number[] => lost(state, isRunning).map(([, { deadline }]) => deadline + clockSkewMs);

const lost = (state: CallState | undefined, isRunning: CallContext['isRunning']): [string, Attempt][] =>
  Object.entries(state?.attempts ?? {}).filter(
    ([requestId, { unknownSince }]) => unknownSince === undefined && !isRunning(requestId),
  );
