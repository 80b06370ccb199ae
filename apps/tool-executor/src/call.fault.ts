import type { Decision, Fault } from '@interlock/actors';
import {
  type CodedFailure,
  type ToolEvent,
  ToolFailed,
  ToolOutcomeUnknown,
  ToolRefused,
} from '@interlock/contracts';
import { letGo } from './call.advance.js';
import type { CallState } from './call.state.js';
import {
  type CallContext,
  type CallInput,
  type CallRequest,
  type DeferredCalls,
  deferredCalls,
  isAbout,
  needs,
  type Received,
} from './deferred-calls.js';

/**
 * A call that could not be decided on is not performed: its request is refused. If it was performed already it may have happened: a write
 * has an unknown outcome, a read has failed.
 */
export function endCalls(
  fault: Fault,
  input: CallInput,
  state: CallState | undefined,
  context: CallContext,
): Decision<ToolEvent> {
  switch (input.kind) {
    case 'message':
      return onMessage(fault, input.message, state, context);
    case 'result':
      return onResult(fault, input.effectId, state, context);
    case 'due':
    case 'recovered': {
      const calls = deferredCalls(context.deferred);
      const waiting = calls.callRequests.filter(({ requestId }) => !context.isRunning(requestId));
      const lost = Object.keys(state?.attempts ?? {}).filter((requestId) => !context.isRunning(requestId));
      return ending(calls, waiting, fault, unknown(fault, lost, state));
    }
    case 'poison':
      return { events: [] };
  }
}

function onMessage(
  fault: Fault,
  message: Received,
  state: CallState | undefined,
  context: CallContext,
): Decision<ToolEvent> {
  if (message.type === 'handover.outcome') {
    const { requestId } = message.data;
    return { events: unknown(fault, [requestId], state) };
  }
  const calls = deferredCalls([...context.deferred, message]);
  const spoken = calls.callRequests.filter((callRequest) => isSpokenOf(callRequest, message, calls));
  const decision = ending(calls, spoken, fault, []);
  const stop = spoken.flatMap(({ requestId }) => (context.isRunning(requestId) ? [requestId] : []));
  return { ...decision, release: (decision.release ?? []).filter((deferred) => deferred !== message), stop };
}

/** Whether the message is the request, its revocation, or what it waits for. */
function isSpokenOf(
  callRequest: CallRequest,
  message: Received,
  { verdicts, approvals }: DeferredCalls,
): boolean {
  if (callRequest.message === message) return true;
  if (message.type === 'call.revoked') return message.data.requestId === callRequest.requestId;
  return (
    verdicts.some((verdict) => verdict.message === message && needs(callRequest, verdict)) ||
    approvals.some((answer) => answer.message === message && isAbout(callRequest, answer))
  );
}

function onResult(
  fault: Fault,
  requestId: string,
  state: CallState | undefined,
  { deferred }: CallContext,
): Decision<ToolEvent> {
  const calls = deferredCalls(deferred);
  const read = calls.callRequests.find((callRequest) => callRequest.requestId === requestId);
  if (read === undefined) return { events: unknown(fault, [requestId], state) };
  return {
    ...letGo(calls, new Set([requestId])),
    events: [ToolFailed({ requestId, tookMs: 0, failure: failureOf(fault) })],
  };
}

function ending(
  calls: DeferredCalls,
  callRequests: readonly CallRequest[],
  fault: Fault,
  others: readonly ToolEvent[],
): Decision<ToolEvent> {
  const refused = callRequests.map(({ requestId }) =>
    ToolRefused({ requestId, code: 'not_decided', message: messageOf(fault), unsafe: false }),
  );
  const gone = new Set(callRequests.map(({ requestId }) => requestId));
  return { ...letGo(calls, gone), events: [...refused, ...others] };
}

/** Of open attempts; one that is closed as unknown already stays so. */
const unknown = (fault: Fault, requestIds: readonly string[], state: CallState | undefined): ToolEvent[] =>
  requestIds.flatMap((requestId) => {
    const attempt = state?.attempts[requestId];
    if (attempt === undefined || attempt.unknownSince !== undefined) return [];
    const { deadline } = attempt;
    return [ToolOutcomeUnknown({ requestId, deadline, because: messageOf(fault) })];
  });

const messageOf = ({ code }: Fault): string => `the executor could not decide on it (${code})`;

const failureOf = (fault: Fault): CodedFailure => ({
  class: 'internal',
  code: fault.code,
  message: messageOf(fault),
});
