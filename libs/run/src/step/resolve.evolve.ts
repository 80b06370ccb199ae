import { anew, callAt, happenedOf, setCall } from '../call/calls.js';
import { clearedUp } from '../call/evolve.js';
import type { LedgerAt } from '../call/owner.js';
import type { DataOf } from '../evolving.js';
import { addressed } from '../scope/called.js';
import { pastBreach } from '../sla/evolve.js';
import type { RunState } from '../state.js';
import { shapeStep } from './steps.js';

/** A person has answered for its call, and has shaped the step by that. */
export function stepResolved(
  before: RunState,
  { step: id, by, happened, output }: DataOf<'step.resolved'>,
  ledgerAt: LedgerAt,
): RunState {
  const { step, call } = addressed(before, id);
  if (call === undefined) return before;
  const state = pastBreach(shapeStep(before, step, by.sub), step);
  if (!happened) {
    const again = setCall(state, call, anew(callAt(state, call)));
    return clearedUp(again, call, { phase: 'retry', due: state.time }, ledgerAt);
  }
  const check = { seq: state.seq, isAllowed: true };
  const known = { phase: 'happened', output: output ?? null, derived: true, check } as const;
  // What is known to have happened counts already, and its step waits for nothing but this answer.
  if (happenedOf(callAt(state, call)) !== undefined) {
    const answered = clearedUp(state, call, known, ledgerAt);
    return ledgerAt(answered, call).unparked(answered, call);
  }
  return clearedUp(ledgerAt(state, call).happened(state, call), call, known, ledgerAt);
}
