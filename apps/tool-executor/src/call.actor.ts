import { type Actor, type Context, type Decision, nothing, type TopicMessage } from '@interlock/actors';
import type { CallDisarmed, HandOverOutcome, ToolAttemptStarted } from '@interlock/contracts';
import type { z } from 'zod';
import { advance, type CallRules, disarm } from './call.advance.js';
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
import { heldCalls, isAbout, needs } from './held-calls.js';

export interface CallActorOptions extends CallRules {
  /** Bound on clock differences between hosts, ms; added to waits on another host's deadline. */
  readonly clockSkewMs: number;
}

/**
 * The calls of one run. It holds an arming, its verdicts and what people said of it until they are all there, and performs what they allow.
 *
 *   C1  A write starts after `tool.attempt_started` is accepted; once started it is never started again here.
 *   C2  A read keeps everything held until its result is in, so a new host reads again.
 *   C3  An attempt that this process runs, or whose result it holds, is never closed as unknown by recovery.
 *   C4  One final answer an attempt; what comes after `tool.outcome_unknown` is `tool.outcome_late`.
 *   C5  Nothing is performed before every input was read to where it ended at the claim: a disarm beats the call before it.
 */
export function callActor({ tools, stops, clockSkewMs }: CallActorOptions): Actor<CallState> {
  const rules = { tools, stops };
  return {
    name: 'call',
    inputs: {
      'run.events': new Set(['call.armed', 'call.disarmed']),
      'policy.events': new Set(['policy.decided']),
      'approval.events': new Set(['approval.confirmed', 'approval.unconfirmed']),
      'tool.handover': new Set(['handover.outcome']),
    },
    key: ({ meta, type, data }) => (type === 'handover.outcome' ? (data as HandedOver).runId : meta.run),
    decide(input, state, context) {
      switch (input.kind) {
        case 'message':
          return onMessage(input.message, state, context, rules);
        case 'result':
          return onResult(input.effectId, input.result as CallResult | CallWaiting, state, context);
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
    effects: ({ type, data }) => (type === 'tool.attempt_started' ? [writeEffect(data as Started)] : []),
    due: (state, { held, isRunning }) => dueOf(state, held, isRunning, clockSkewMs),
  };
}

type HandedOver = z.output<typeof HandOverOutcome.schema>;
type Started = z.output<typeof ToolAttemptStarted.schema>;

function onMessage(
  message: TopicMessage,
  state: CallState | undefined,
  context: Context,
  rules: CallRules,
): Decision {
  switch (message.type) {
    case 'call.armed':
      return advance(context, rules, { arrived: message });
    case 'policy.decided':
    case 'approval.confirmed':
    case 'approval.unconfirmed':
      return isAwaited(message, context) ? advance(context, rules, { arrived: message }) : nothing;
    case 'call.disarmed':
      return disarm((message.data as z.output<typeof CallDisarmed.schema>).armId, context);
    case 'handover.outcome':
      return { events: outcomeHandedOver(message.data as HandedOver, state) };
    default:
      return nothing;
  }
}

/** A shadow verdict decides nothing; what no held arming needs comes too late, or for nobody here. */
function isAwaited(message: TopicMessage, { held }: Context): boolean {
  const { verdicts, approvals } = heldCalls([message]);
  const { armings } = heldCalls(held);
  return (
    verdicts.some(
      (verdict) => verdict.said.mode === 'enforce' && armings.some((arming) => needs(arming, verdict)),
    ) || approvals.some((answer) => armings.some((arming) => isAbout(arming, answer)))
  );
}

function onResult(
  armId: string,
  result: CallResult | CallWaiting,
  state: CallState | undefined,
  context: Context,
): Decision {
  if ('waitsFor' in result) return { events: placeAwaited(armId, result, state, context) };
  return result.effect === 'read'
    ? readEnded(armId, result, context)
    : { events: writeEnded(armId, result, state) };
}

function onTime(
  state: CallState | undefined,
  context: Context,
  rules: CallRules,
  closing: Closing,
): Decision {
  const advanced = advance(context, rules, { mayExpire: true });
  return { ...advanced, events: [...advanced.events, ...closeLost(state, context, closing)] };
}

function dueOf(
  state: CallState | undefined,
  held: readonly TopicMessage[],
  isRunning: Context['isRunning'],
  clockSkewMs: number,
): number | undefined {
  const expiries = heldCalls(held).armings.flatMap(({ armId, call }) =>
    isRunning(armId) ? [] : [call.notAfter],
  );
  const dues = [...expiries, ...lostAt(state, isRunning, clockSkewMs)];
  return dues.length === 0 ? undefined : Math.min(...dues);
}
