import type { MessageOf, VerdictRecorded } from '@interlock/contracts';
import { planJudged } from './agent/evolve.js';
import { meets } from './approval/evolve.js';
import { checked, judged } from './call/verdicts.evolve.js';
import { findRequest, requestAt } from './edit.js';
import { ledgerAt } from './ledgers.js';
import type { RunState } from './state.js';

/** A verdict on a request for a call, on its outcome, or on what an agent asks its model and is told. */
export function verdictRecorded(
  state: RunState,
  verdict: MessageOf<typeof VerdictRecorded>['data'],
): RunState {
  const ordinal = findRequest(state, verdict.requestId);
  if (ordinal === undefined) return planJudged(state, verdict);
  if (verdict.point === 'after') return checked(state, verdict, ledgerAt);
  const { approval } = verdict;
  const isAllowed = approval === undefined || meets(state, requestAt(state, ordinal), approval);
  const says = verdict.verdict === 'deny' ? 'deny' : isAllowed ? 'allow' : 'approval';
  return judged(state, ordinal, says, ledgerAt);
}
