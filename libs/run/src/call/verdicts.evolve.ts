import type { CheckRequested, MessageOf, VerdictRecorded } from '@interlock/contracts';
import { armAt, dropped, findArm, putArm, putCall, takeBackStep, without } from '../edit.js';
import type { ArmIndex } from '../indices.js';
import { redact } from '../redact.js';
import { stepAt } from '../scope/workflow.plan.js';
import type { Arm, RunState, StepState } from '../state.js';
import { setItem } from '../tree.js';
import { closeArm, derived } from './evolve.js';
import type { LedgerAt } from './owner.js';

type Verdict = MessageOf<typeof VerdictRecorded>['data'];

export function checkRequested(
  state: RunState,
  { armId }: MessageOf<typeof CheckRequested>['data'],
): RunState {
  const { step: place } = armAt(state, findArm(state, armId)!);
  const unchecked = without(stepAt(state, place), 'checked');
  return { ...state, steps: setItem(state.steps, place, { ...unchecked, check: state.seq }) };
}

/** What a verdict says of a request: `approval` where people have not granted what it requires. */
export function judged(
  state: RunState,
  ordinal: ArmIndex,
  says: NonNullable<Arm['verdict']>,
  ledgerAt: LedgerAt,
): RunState {
  const arm = armAt(state, ordinal);
  const told = {
    ...putArm(state, ordinal, { verdict: says }),
    unjudged: dropped(state.unjudged, ordinal),
  };
  if (says === 'allow' || !arm.open) return told;
  const ended = closeArm(told, ordinal, ledgerAt);
  const { call } = stepAt(state, arm.step);
  if (arm.purpose === 'verify' || call?.arm !== ordinal) return ended;
  if (arm.disarmed === 'redacted') return takeBackStep(ended, arm.step);
  if (call.known !== undefined) return derived(ended, arm.step, stepAt(ended, arm.step).output);
  return putCall(ended, arm.step, { phase: 'idle' });
}

/** What a verdict says of an outcome. */
export function checked(
  state: RunState,
  { checkId, armId, verdict, redact: paths }: Verdict,
  ledgerAt: LedgerAt,
): RunState {
  const { step: place } = armAt(state, findArm(state, armId)!);
  const open = without(stepAt(state, place), 'check');
  if (verdict === 'deny') {
    const next = { ...state, steps: setItem(state.steps, place, open) };
    return takeBackOn(endArmsOn(next, checkId, ledgerAt), checkId);
  }
  const changed = paths !== undefined && paths.length > 0;
  const allowed: StepState = changed
    ? { ...open, checked: true, derived: true, output: redactedOutput(state, armId, open.output, paths) }
    : { ...open, checked: true };
  const next = { ...state, steps: setItem(state.steps, place, allowed) };
  return changed ? takeBackOn(next, checkId) : next;
}

/** Calls made from that output which wait for people or for their next attempt: they are made anew from what stands now. */
function takeBackOn(state: RunState, checkId: string): RunState {
  let next = state;
  for (const place of state.active) {
    const { call } = stepAt(state, place);
    if (call?.doubt !== undefined || (call?.phase !== 'approval' && call?.phase !== 'retry')) continue;
    if (armAt(state, call.arm).needs.includes(checkId)) next = takeBackStep(next, place);
  }
  return next;
}

/** Paths lead through what was checked: of a verified call, the verify tool's answer. */
function redactedOutput(state: RunState, armId: string, output: unknown, paths: readonly string[]): unknown {
  const { purpose } = armAt(state, findArm(state, armId)!);
  if (purpose !== 'verify') return redact(output, paths);
  return (redact({ found: true, output }, paths) as { output: unknown }).output;
}

/** A deny ends every arming that needed this check, for everyone: its executor forgets it and answers nothing. */
function endArmsOn(state: RunState, checkId: string, ledgerAt: LedgerAt): RunState {
  let next = state;
  for (const ordinal of state.openArms) {
    const arm = armAt(state, ordinal);
    if (!arm.needs.includes(checkId)) continue;
    next = closeArm(next, ordinal, ledgerAt);
    if (stepAt(next, arm.step).call?.arm === ordinal) next = takeBackStep(next, arm.step);
  }
  return next;
}
