import {
  type CallArmed,
  type CallDisarmed,
  type CallOutcome,
  type CallOverdue,
  type CallPlaceAwaited,
  type CallRecorded,
  CHILD_DIED,
  type DoubtResolved,
  type LateOutcomeRecorded,
  type MessageOf,
  type RecoveryStarted,
} from '@interlock/contracts';
import { microUsd } from '../budget.js';
import {
  armAt,
  dropped,
  findApproval,
  findArm,
  placeOf,
  putArm,
  putCall,
  putStep,
  startStep,
  takeBackStep,
  without,
} from '../edit.js';
import type { ArmIndex, StepIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.plan.js';
import type { Arm, CallState, RunState } from '../state.js';
import { nextIndex, pushItem, setItem } from '../tree.js';
import type { LedgerAt } from './owner.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export function callArmed(
  [state, place]: readonly [RunState, StepIndex],
  data: Data<typeof CallArmed>,
  ledgerAt: LedgerAt,
): RunState {
  const ordinal = nextIndex(state.arms);
  const cost = microUsd(data.reserved.costUsd);
  const arm: Arm = {
    seq: state.seq,
    at: state.time,
    step: place,
    hash: data.callHash,
    generation: data.generation,
    effect: data.effect,
    purpose: data.purpose,
    recovery: data.recovery,
    needs: data.needs,
    notAfter: data.notAfter,
    timeoutMs: data.timeoutMs,
    microUsd: cost,
    ...(data.approvalId === undefined ? {} : { approval: findApproval(state, data.approvalId)! }),
    open: true,
  };
  const reserved = ledgerAt(state, place).reserve(state, cost, data.reserved.toolCalls);
  const armed = { ...reserved, arms: pushItem(state.arms, arm), openArms: [...state.openArms, ordinal] };
  return data.purpose === 'verify'
    ? verifyArmed(armed, place, ordinal, data)
    : stepArmed(armed, place, ordinal, data);
}

function stepArmed(
  state: RunState,
  place: StepIndex,
  ordinal: ArmIndex,
  data: Data<typeof CallArmed>,
): RunState {
  const { call: earlier } = stepAt(state, place);
  const same = earlier?.hash === data.callHash ? without(earlier, 'due', 'stop') : undefined;
  const call: CallState = {
    failures: 0,
    refusals: 0,
    doubts: 0,
    deaths: 0,
    ...same,
    hash: data.callHash,
    generation: data.generation,
    arguments: data.arguments,
    phase: 'armed',
    arm: ordinal,
    armings: data.attempt,
  };
  return putStep(startStep(state, place, 'running'), place, { call });
}

function verifyArmed(
  state: RunState,
  place: StepIndex,
  arm: ArmIndex,
  data: Data<typeof CallArmed>,
): RunState {
  const { verify: earlier } = stepAt(state, place);
  const same = earlier?.hash === data.callHash ? earlier : undefined;
  const verify = { failures: 0, ...same, hash: data.callHash, arm, armings: data.attempt };
  const { call } = stepAt(state, place);
  return putStep(state, place, { verify, call: { ...without(call!, 'due', 'stop'), phase: 'verifying' } });
}

export function callDisarmed(state: RunState, { armId, because }: Data<typeof CallDisarmed>): RunState {
  return putArm(state, findArm(state, armId)!, { disarmed: because });
}

export function placeAwaited(state: RunState, data: Data<typeof CallPlaceAwaited>): RunState {
  const ordinal = findArm(state, data.armId)!;
  const arm = without(armAt(state, ordinal), 'awaits');
  const awaits = data.for === undefined ? {} : { awaits: data.for };
  return { ...state, arms: setItem(state.arms, ordinal, { ...arm, ...awaits }) };
}

export const callOverdue = (state: RunState, { armId }: Data<typeof CallOverdue>): RunState =>
  putArm(state, findArm(state, armId)!, { overdue: true });

/** Ends an arming, and settles what it reserved. */
export function closeArm(
  state: RunState,
  ordinal: ArmIndex,
  ledgerAt: LedgerAt,
  outcome?: CallOutcome['kind'],
): RunState {
  const arm = armAt(state, ordinal);
  if (!arm.open) return state;
  const performed = outcome !== undefined && outcome !== 'refused';
  const settled = ledgerAt(state, arm.step).settle(state, arm.step, arm.microUsd, performed);
  const closed = putArm(settled, ordinal, outcome === undefined ? { open: false } : { open: false, outcome });
  const unjudged = performed && arm.verdict === undefined ? [...state.unjudged, ordinal] : state.unjudged;
  return { ...closed, openArms: dropped(state.openArms, ordinal), unjudged };
}

export function callRecorded(
  state: RunState,
  { armId, outcome }: Data<typeof CallRecorded>,
  ledgerAt: LedgerAt,
): RunState {
  const ordinal = findArm(state, armId)!;
  const arm = armAt(state, ordinal);
  const next = closeArm(state, ordinal, ledgerAt, outcome.kind);
  const { call } = stepAt(next, arm.step);
  if (arm.purpose === 'verify' || call?.arm !== ordinal || call.phase === 'over') return next;
  if (outcome.kind === 'refused' && arm.disarmed === 'redacted') return takeBackStep(next, arm.step);
  if (call.known !== undefined) return derived(next, arm.step, stepAt(next, arm.step).output);
  if (outcome.kind === 'succeeded') {
    return happened(
      ledgerAt(next, arm.step).happened(next, arm, outcome.compensation),
      arm.step,
      outcome.output,
    );
  }
  if (arm.effect === 'write' && isUnusable(outcome))
    return closeCall(ledgerAt(next, arm.step).happened(next, arm), arm.step);
  const deaths = call.deaths + (hasEndedItsProcess(outcome) ? 1 : 0);
  if (outcome.kind === 'unknown' && arm.effect === 'write') {
    const doubt = { arm: ordinal, deadline: outcome.deadline };
    return putCall(next, arm.step, { phase: 'idle', doubt, doubts: call.doubts + 1, deaths });
  }
  const refusals = call.refusals + (outcome.kind === 'refused' ? 1 : 0);
  return putCall(next, arm.step, { phase: 'idle', refusals, deaths });
}

function hasEndedItsProcess(outcome: CallOutcome): boolean {
  if (outcome.kind === 'failed') return outcome.failure.code === CHILD_DIED;
  return outcome.kind === 'unknown' && outcome.code === CHILD_DIED;
}

/** A write that answered what its contract does not allow: it has happened, and its step fails. */
export const isUnusable = (outcome: CallOutcome): boolean =>
  outcome.kind === 'failed' && outcome.failure.class === 'invalid_output';

function closeCall(state: RunState, place: StepIndex): RunState {
  const open = without(stepAt(state, place).call!, 'doubt', 'known', 'due', 'stop');
  return putStep(state, place, { call: { ...open, phase: 'over', result: 'happened' } });
}

/** The call is over: it did happen. */
function happened(before: RunState, place: StepIndex, output: unknown): RunState {
  const state = closeCall(before, place);
  const step = stepAt(state, place);
  const change = { output: output ?? null };
  if (step.status !== 'parked') return putStep(state, place, change);
  return putStep(state, place, { ...change, status: 'running', since: state.time });
}

/** The same, but what it gave is not in the record of an attempt. */
export const derived = (state: RunState, place: StepIndex, output: unknown): RunState =>
  putStep(happened(state, place, output), place, { derived: true });

/** It is known that the attempt in doubt did nothing: the call may be made again at once. */
function settled(state: RunState, place: StepIndex): RunState {
  const { call, status } = stepAt(state, place);
  const next = putStep(state, place, {
    call: { ...without(call!, 'doubt', 'stop'), phase: 'retry', due: state.time },
  });
  return status === 'parked' ? putStep(next, place, { status: 'running', since: state.time }) : next;
}

export function lateRecorded(
  before: RunState,
  data: Data<typeof LateOutcomeRecorded>,
  ledgerAt: LedgerAt,
): RunState {
  const { end } = before;
  if (data.effect === 'agrees') return before;
  if (end !== null)
    return { ...before, end: { ...end, late: [...end.late, { step: data.step, callHash: data.callHash }] } };
  const ordinal = findArm(before, data.armId)!;
  const arm = armAt(before, ordinal);
  const compensation = data.outcome.ok ? data.outcome.compensation : undefined;
  const isHappening = data.outcome.ok || data.effect === 'escalates';
  const state = isHappening ? ledgerAt(before, arm.step).happened(before, arm, compensation) : before;
  if (data.effect === 'escalates') return putArm(state, ordinal, { late: true });
  const { step: place } = arm;
  if (!data.outcome.ok) return settled(state, place);
  const { output } = data.outcome;
  const { call } = stepAt(state, place);
  const open = armAt(state, call!.arm).open;
  if (open) {
    const known: CallState = { ...without(call!, 'doubt'), known: { output: output ?? null } };
    return putStep(state, place, { call: known, output: output ?? null, derived: true });
  }
  return derived(state, place, output);
}

const PHASES = { 'idempotency-key': 'retry', verify: 'settling', 'ask-human': 'asking' } as const;

export function recoveryStarted(state: RunState, data: Data<typeof RecoveryStarted>): RunState {
  const phase = PHASES[data.by];
  return putCall(state, placeOf(state, data.step), { phase, due: data.notBefore });
}

export function doubtResolved(
  state: RunState,
  data: Data<typeof DoubtResolved>,
  ledgerAt: LedgerAt,
): RunState {
  const place = placeOf(state, data.step);
  if (!data.happened) return settled(state, place);
  // Otherwise the event beside it has said so.
  if (data.by !== 'verify' && data.by !== 'person') return state;
  const arm = armAt(state, stepAt(state, place).call!.arm);
  return derived(ledgerAt(state, place).happened(state, arm, data.compensation), place, data.output);
}
