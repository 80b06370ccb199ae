import { type Actor, type Decision, nothing } from '@interlock/actors';
import type { ToolEvent } from '@interlock/contracts';
import { advance, type CallRules, revoke } from './call.advance.js';
import {
  type Closing,
  closeLost,
  lostAt,
  outcomeHandedOver,
  placeAwaited,
  readEnded,
  writeEnded,
} from './call.answers.js';
import { type CallResult, type CallWaiting, writeEffect } from './call.effect.js';
import { endCalls } from './call.fault.js';
import { type CallState, evolve } from './call.state.js';
import {
  type CallContext,
  type CallMessage,
  deferredCalls,
  isAbout,
  needs,
  type Received,
} from './deferred-calls.js';
import { stillKept } from './kept.output.js';

export interface CallActorOptions extends CallRules {
  /** Bound on clock differences between hosts, ms; added to waits on another host's deadline. */
  readonly clockSkewMs: number;
}

/**
 * The calls of one run. It defers a request, its verdicts and what people said of it until they are all there, and performs what they allow.
 *
 *   C1  A write starts after `tool.attempt_started` is accepted; once started it is never started again here.
 *   C2  A read keeps everything deferred until its result is in, so a new host reads again.
 *   C3  An attempt that this process runs, or whose result it holds, is never closed as unknown by recovery.
 *   C4  One final answer an attempt; what comes after `tool.outcome_unknown` is `tool.outcome_late`.
 *   C5  Nothing is performed before every input was read to where it ended at the claim: a revocation beats the call before it.
 */
export function callActor({
  tools,
  stops,
  circuits,
  clockSkewMs,
}: CallActorOptions): Actor<CallState, CallMessage, ToolEvent, CallResult | CallWaiting> {
  const rules = { tools, stops, circuits };
  return {
    name: 'call',
    inputs: {
      'run.events': new Set(['call.requested', 'call.revoked']),
      'policy.events': new Set(['policy.decided']),
      'approval.events': new Set(['approval.confirmed', 'approval.unconfirmed']),
      'tool.handover': new Set(['handover.outcome']),
    },
    key: ({ meta, type, data }) => (type === 'handover.outcome' ? data.runId : meta.run),
    decide(input, state, context) {
      switch (input.kind) {
        case 'message':
          return onMessage(input.message, state, context, rules);
        case 'result':
          return onResult(input.effectId, input.result, state, context);
        case 'recovered':
          return onTime(state, context, rules, { clockSkewMs, closeKeyed: true });
        case 'due':
          return onTime(state, context, rules, { clockSkewMs, closeKeyed: false });
        case 'poison':
          return nothing;
      }
    },
    answerFault: (fault, input, state, context) => endCalls(fault, input, state, context),
    evolve,
    effects: ({ type, data }) => (type === 'tool.attempt_started' ? [writeEffect(data)] : []),
    due: (state, { deferred, isRunning }) => dueOf(state, deferred, isRunning, clockSkewMs),
  };
}

function onMessage(
  message: Received,
  state: CallState | undefined,
  context: CallContext,
  rules: CallRules,
): Decision<ToolEvent> {
  switch (message.type) {
    case 'call.requested':
      return advance(state, context, rules, { arrived: message });
    case 'policy.decided':
    case 'approval.confirmed':
    case 'approval.unconfirmed':
      return isAwaited(message, context) ? advance(state, context, rules, { arrived: message }) : nothing;
    case 'call.revoked':
      return revoke(message.data.requestId, context);
    case 'handover.outcome':
      return { events: outcomeHandedOver(message.data, state) };
  }
}

/** A shadow verdict decides nothing; what no deferred request needs comes too late, or for nobody here. */
function isAwaited(message: Received, { deferred }: CallContext): boolean {
  const { verdicts, approvals } = deferredCalls([message]);
  const { callRequests } = deferredCalls(deferred);
  return (
    verdicts.some(
      (verdict) =>
        verdict.said.mode === 'enforce' && callRequests.some((callRequest) => needs(callRequest, verdict)),
    ) || approvals.some((answer) => callRequests.some((callRequest) => isAbout(callRequest, answer)))
  );
}

function onResult(
  requestId: string,
  result: CallResult | CallWaiting,
  state: CallState | undefined,
  context: CallContext,
): Decision<ToolEvent> {
  if ('waitsFor' in result) return { events: placeAwaited(requestId, result, state, context) };
  const told = stillKept(result, context.now);
  return told.effect === 'read'
    ? readEnded(requestId, told, context)
    : { events: writeEnded(requestId, told, state) };
}

function onTime(
  state: CallState | undefined,
  context: CallContext,
  rules: CallRules,
  closing: Closing,
): Decision<ToolEvent> {
  const advanced = advance(state, context, rules, { mayExpire: true });
  return { ...advanced, events: [...advanced.events, ...closeLost(state, context, closing)] };
}

function dueOf(
  state: CallState | undefined,
  deferred: readonly Received[],
  isRunning: CallContext['isRunning'],
  clockSkewMs: number,
): number | undefined {
  const expiries = deferredCalls(deferred).callRequests.flatMap(({ requestId, call }) =>
    isRunning(requestId) ? [] : [call.notAfter],
  );
  const dues = [...expiries, ...lostAt(state, isRunning, clockSkewMs)];
  return dues.length === 0 ? undefined : Math.min(...dues);
}
