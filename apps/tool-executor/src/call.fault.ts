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
  type Arming,
  type CallContext,
  type CallInput,
  type HeldCalls,
  heldCalls,
  isAbout,
  needs,
  type Received,
} from './held-calls.js';

/**
 * What could not be decided is not performed: an arming that waits for it is refused. What was performed already may have happened: a
 * write is of unknown outcome, a read has failed.
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
      const calls = heldCalls(context.held);
      const waiting = calls.armings.filter(({ armId }) => !context.isRunning(armId));
      const lost = Object.keys(state?.attempts ?? {}).filter((armId) => !context.isRunning(armId));
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
    const { armId } = message.data;
    return { events: unknown(fault, [armId], state) };
  }
  const calls = heldCalls([...context.held, message]);
  const spoken = calls.armings.filter((arming) => isSpokenOf(arming, message, calls));
  const decision = ending(calls, spoken, fault, []);
  const stop = spoken.flatMap(({ armId }) => (context.isRunning(armId) ? [armId] : []));
  return { ...decision, release: (decision.release ?? []).filter((held) => held !== message), stop };
}

/** Whether the message is the arming, its disarming, or what it waits for. */
function isSpokenOf(arming: Arming, message: Received, { verdicts, approvals }: HeldCalls): boolean {
  if (arming.message === message) return true;
  if (message.type === 'call.disarmed') return message.data.armId === arming.armId;
  return (
    verdicts.some((verdict) => verdict.message === message && needs(arming, verdict)) ||
    approvals.some((answer) => answer.message === message && isAbout(arming, answer))
  );
}

function onResult(
  fault: Fault,
  armId: string,
  state: CallState | undefined,
  { held }: CallContext,
): Decision<ToolEvent> {
  const calls = heldCalls(held);
  const read = calls.armings.find((arming) => arming.armId === armId);
  if (read === undefined) return { events: unknown(fault, [armId], state) };
  const { callHash } = read.call;
  return {
    ...letGo(calls, new Set([armId])),
    events: [ToolFailed({ armId, callHash, tookMs: 0, failure: failureOf(fault) })],
  };
}

function ending(
  calls: HeldCalls,
  armings: readonly Arming[],
  fault: Fault,
  others: readonly ToolEvent[],
): Decision<ToolEvent> {
  const refused = armings.map(({ armId, call: { callHash } }) =>
    ToolRefused({ armId, callHash, code: 'not_decided', message: told(fault), unsafe: false }),
  );
  const gone = new Set(armings.map(({ armId }) => armId));
  return { ...letGo(calls, gone), events: [...refused, ...others] };
}

/** Of open attempts; one that is closed as unknown already stays so. */
const unknown = (fault: Fault, armIds: readonly string[], state: CallState | undefined): ToolEvent[] =>
  armIds.flatMap((armId) => {
    const attempt = state?.attempts[armId];
    if (attempt === undefined || attempt.unknownSince !== undefined) return [];
    const { callHash, deadline } = attempt;
    return [ToolOutcomeUnknown({ armId, callHash, deadline, because: told(fault) })];
  });

const told = ({ code }: Fault): string => `the executor could not decide on it (${code})`;

const failureOf = (fault: Fault): CodedFailure => ({
  class: 'internal',
  code: fault.code,
  message: told(fault),
});
