import { type Decision, type Effect, nothing } from '@interlock/actors';
import { type Stops, ToolAttemptStarted, type ToolEvent, ToolRefused } from '@interlock/contracts';
import { readEffect } from './call.effect.js';
import {
  type Arming,
  type CallContext,
  type HeldCalls,
  heldCalls,
  type Received,
  releasedWith,
} from './held-calls.js';
import { judge, type Refusal } from './judgement.js';
import { stoppableOf, unlessStopped } from './stops.js';
import type { PinnedTool, ToolSet } from './tool-set.js';

/** By what this process judges calls. */
export interface CallRules {
  readonly tools: ToolSet;
  readonly stops: Stops;
}

export interface Occasion {
  /** A message that is not held yet. */
  readonly arrived?: Received;
  /** Every input lies read up to now, so what came in time has been seen. */
  readonly mayExpire?: boolean;
}

/** What one decision that no message has caused says at most; the rest is due at once. */
const EVENTS_SOFT_MAX = 90;

/** Judges every arming that is held and does what has become possible. */
export function advance(
  context: CallContext,
  { tools, stops }: CallRules,
  { arrived, mayExpire = false }: Occasion,
): Decision<ToolEvent> {
  const calls = heldCalls(arrived === undefined ? context.held : [...context.held, arrived]);
  const events: ToolEvent[] = [];
  const start: Effect[] = [];
  const gone = new Set<string>();
  for (const arming of calls.armings) {
    if (mayExpire && events.length >= EVENTS_SOFT_MAX) break;
    if (context.isRunning(arming.armId)) continue;
    const judgement = unlessStopped(judge(arming, calls, tools, context.now, mayExpire), arming, stops);
    if (judgement.kind === 'wait') continue;
    if (judgement.kind === 'perform' && context.caughtUp === false) continue; // C5
    if (judgement.kind === 'perform' && arming.call.effect === 'read') {
      start.push(readEffect(arming, context.now)); // C2
      continue;
    }
    gone.add(arming.armId);
    if (judgement.kind === 'refuse') events.push(refused(arming, judgement.refusal));
    if (judgement.kind === 'perform') events.push(intent(arming, judgement.tool, context.now)); // C1
  }
  return { ...letGo(calls, gone, arrived), events, start };
}

/** Before the call: refused. While a read runs: refused, and stopped. After a write has started it comes too late. */
export function disarm(armId: string, context: CallContext): Decision<ToolEvent> {
  const calls = heldCalls(context.held);
  const arming = calls.armings.find((held) => held.armId === armId);
  if (arming === undefined) return nothing;
  return {
    ...letGo(calls, new Set([armId])),
    events: [
      refused(arming, { code: 'disarmed', message: 'disarmed before it was performed', unsafe: false }),
    ],
    stop: context.isRunning(armId) ? [armId] : [],
  };
}

/** Releases what belongs to `gone`; a message that has just arrived is held unless it belongs to them. */
export function letGo(calls: HeldCalls, gone: ReadonlySet<string>, arrived?: Received): Decision<ToolEvent> {
  const released = releasedWith(calls, gone);
  return {
    events: [],
    release: released.filter((message) => message !== arrived),
    hold: arrived !== undefined && !released.includes(arrived),
  };
}

const refused = ({ armId, call }: Arming, refusal: Refusal): ToolEvent =>
  ToolRefused({ armId, callHash: call.callHash, ...refusal });

const intent = (arming: Arming, tool: PinnedTool, now: number): ToolEvent => {
  const { armId, call } = arming;
  return ToolAttemptStarted({
    armId,
    callHash: call.callHash,
    tool: call.tool,
    toolHash: call.toolHash,
    arguments: call.arguments,
    attempt: call.attempt,
    stoppable: stoppableOf(arming),
    deadline: now + call.timeoutMs,
    keyed: tool.manifest.recovery?.by === 'idempotency-key',
  });
};
