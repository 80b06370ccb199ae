import type { CheckRequested, MessageOf, VerdictRecorded } from '@interlock/contracts';
import type { LedgerAt } from '../call/owner.js';
import { redact } from '../redact.js';
import type { RunState, StepState } from '../state.js';
import { setItem } from '../tree.js';
import { stepAt } from '../workflow.plan.js';
import { meets } from './approvals.js';
import { closeArm, derived } from './calls.js';
import { armAt, dropped, findArm, putArm, putCall, takeBackStep, without } from './edit.js';

type Verdict = MessageOf<typeof VerdictRecorded>['data'];

export function checkRequested(
  state: RunState,
  { armId }: MessageOf<typeof CheckRequested>['data'],
): RunState {
  const { step: place } = armAt(state, findArm(state, armId)!);
  const checked = without(stepAt(state, place), 'checked');
  return { ...state, steps: setItem(state.steps, place, { ...checked, check: state.seq }) };
}

export function verdictRecorded(state: RunState, verdict: Verdict, ledgerAt: LedgerAt): RunState {
  return verdict.point === 'before'
    ? beforeCall(state, verdict, ledgerAt)
    : afterCall(state, verdict, ledgerAt);
}

function beforeCall(state: RunState, { armId, verdict, approval }: Verdict, ledgerAt: LedgerAt): RunState {
  const ordinal = findArm(state, armId)!;
  const arm = armAt(state, ordinal);
  const isAllowed = approval === undefined || meets(state, arm, approval);
  const says = verdict === 'deny' ? 'deny' : isAllowed ? 'allow' : 'approval';
  const judged = {
    ...putArm(state, ordinal, { verdict: says }),
    unjudged: dropped(state.unjudged, ordinal),
  };
  if (says === 'allow' || !arm.open) return judged;
  const ended = closeArm(judged, ordinal, ledgerAt);
  const { call } = stepAt(state, arm.step);
  if (arm.purpose === 'verify' || call?.arm !== ordinal) return ended;
  if (arm.disarmed === 'redacted') return takeBackStep(ended, arm.step);
  if (call.known !== undefined) return derived(ended, arm.step, stepAt(ended, arm.step).output);
  return putCall(ended, arm.step, { phase: 'idle' });
}

function afterCall(
  state: RunState,
  { checkId, armId, verdict, redact: paths }: Verdict,
  ledgerAt: LedgerAt,
): RunState {
  const { step: place } = armAt(state, findArm(state, armId)!);
  const judged = without(stepAt(state, place), 'check');
  if (verdict === 'deny') {
    const next = { ...state, steps: setItem(state.steps, place, judged) };
    return takeBackOn(endArmsOn(next, checkId, ledgerAt), checkId);
  }
  const changed = paths !== undefined && paths.length > 0;
  const allowed: StepState = changed
    ? { ...judged, checked: true, derived: true, output: redactedOutput(state, armId, judged.output, paths) }
    : { ...judged, checked: true };
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
