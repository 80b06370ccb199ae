import { type Decision, type Effect, nothing } from '@interlock/actors';
import {
  type Stops,
  ToolAttemptStarted,
  type ToolEvent,
  ToolPlaceAwaited,
  ToolRefused,
} from '@interlock/contracts';
import { authorize, type Refusal } from './call.authorization.js';
import { readEffect } from './call.effect.js';
import type { CallState } from './call.state.js';
import type { Circuits } from './circuit/circuits.js';
import { unlessHeld } from './circuit/held.calls.js';
import {
  type CallContext,
  type CallRequest,
  type DeferredCalls,
  deferredCalls,
  type Received,
  releasedWith,
} from './deferred-calls.js';
import { stoppableOf, unlessStopped } from './stops.js';
import type { PinnedTool, ToolSet } from './tool-set.js';

/** What this process decides on calls by. */
export interface CallRules {
  readonly tools: ToolSet;
  readonly stops: Stops;
  readonly circuits: Circuits;
}

export interface Occasion {
  /** A message that is not deferred yet. */
  readonly arrived?: Received;
  /** Every input has been read up to now, so everything that came in time has been seen. */
  readonly mayExpire?: boolean;
}

/** What one decision that no message has caused says at most; the rest is due at once. */
const EVENTS_SOFT_MAX = 90;

/** Goes through the deferred requests, and does for each what has become possible. */
export function advance(
  state: CallState | undefined,
  context: CallContext,
  { tools, stops, circuits }: CallRules,
  { arrived, mayExpire = false }: Occasion,
): Decision<ToolEvent> {
  const calls = deferredCalls(arrived === undefined ? context.deferred : [...context.deferred, arrived]);
  const events: ToolEvent[] = [];
  const start: Effect[] = [];
  const gone = new Set<string>();
  for (const callRequest of calls.callRequests) {
    if (mayExpire && events.length >= EVENTS_SOFT_MAX) break;
    if (context.isRunning(callRequest.requestId)) continue;
    const { requestId } = callRequest;
    const isHeld = state?.held?.includes(requestId) === true;
    const allowed = unlessStopped(
      authorize(callRequest, calls, tools, context.now, mayExpire),
      callRequest,
      stops,
    );
    if (allowed.kind === 'wait') continue;
    if (allowed.kind === 'perform' && context.caughtUp === false) continue; // C5
    const authorization = unlessHeld(allowed, callRequest, circuits, isHeld, tools);
    if (authorization.kind === 'hold') {
      if (!isHeld) events.push(awaits(requestId, authorization));
      continue;
    }
    if (authorization.kind === 'perform' && isHeld) events.push(awaits(requestId));
    if (authorization.kind === 'perform' && callRequest.call.effect === 'read') {
      start.push(readEffect(callRequest, context.now)); // C2
      continue;
    }
    gone.add(callRequest.requestId);
    if (authorization.kind === 'refuse') events.push(refused(callRequest, authorization.refusal));
    if (authorization.kind === 'perform') events.push(intent(callRequest, authorization.tool, context.now)); // C1
  }
  return { ...letGo(calls, gone, arrived), events, start };
}

/** Before the call starts it is refused; a read that runs is refused and stopped; for a write that has started the revocation is too late. */
export function revoke(requestId: string, context: CallContext): Decision<ToolEvent> {
  const calls = deferredCalls(context.deferred);
  const callRequest = calls.callRequests.find((deferred) => deferred.requestId === requestId);
  if (callRequest === undefined) return nothing;
  return {
    ...letGo(calls, new Set([requestId])),
    events: [
      refused(callRequest, { code: 'revoked', message: 'revoked before it was performed', unsafe: false }),
    ],
    stop: context.isRunning(requestId) ? [requestId] : [],
  };
}

/** Releases what belongs to `gone`; a message that has just arrived is deferred unless it belongs to them. */
export function letGo(
  calls: DeferredCalls,
  gone: ReadonlySet<string>,
  arrived?: Received,
): Decision<ToolEvent> {
  const released = releasedWith(calls, gone);
  return {
    events: [],
    release: released.filter((message) => message !== arrived),
    defer: arrived !== undefined && !released.includes(arrived),
  };
}

/** @param held what holds it; absent: it goes on */
const awaits = (
  requestId: string,
  held?: { readonly of: 'circuit' | 'tool'; readonly why: string },
): ToolEvent =>
  ToolPlaceAwaited(
    held === undefined
      ? { requestId, kind: 'circuit' }
      : { requestId, kind: held.of, for: held.why.slice(0, 2_000) },
  );

const refused = ({ requestId }: CallRequest, refusal: Refusal): ToolEvent =>
  ToolRefused({ requestId, ...refusal });

const intent = (callRequest: CallRequest, tool: PinnedTool, now: number): ToolEvent => {
  const { requestId, runId, call, message } = callRequest;
  return ToolAttemptStarted({
    requestId,
    callHash: call.callHash,
    tool: call.tool,
    toolHash: call.toolHash,
    arguments: call.arguments,
    attempt: call.attempt,
    stoppable: stoppableOf(callRequest),
    deadline: now + call.timeoutMs,
    ...(message.key !== runId && { root: message.key }),
    keyed: tool.manifest.recovery?.by === 'idempotency-key',
  });
};
