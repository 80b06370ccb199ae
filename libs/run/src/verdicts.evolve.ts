import { judgedRequestOf } from '@interlock/contracts';
import { planJudged } from './agent/evolve.js';
import { meets } from './approval/evolve.js';
import type { LedgerAt } from './call/owner.js';
import { findRequest, requestAt } from './call/requests.js';
import { checked, judged } from './call/verdicts.evolve.js';
import type { DataOf, EvolveBy } from './evolving.js';
import type { RunState } from './state.js';

/** A verdict on a request for a call, on its outcome, or on what an agent asks its model and is told. */
function verdictRecorded(state: RunState, verdict: DataOf<'verdict.recorded'>, ledgerAt: LedgerAt): RunState {
  const request = findRequest(state, judgedRequestOf(verdict));
  if (request === undefined) return planJudged(state, verdict);
  if (verdict.point === 'after') return checked(state, verdict, ledgerAt);
  const { approval } = verdict;
  const isAllowed = approval === undefined || meets(state, requestAt(state, request), approval);
  const says = verdict.verdict === 'deny' ? 'deny' : isAllowed ? 'allow' : 'approval';
  return judged(state, request, says, ledgerAt);
}

export const verdictEvents: EvolveBy<'verdict.recorded'> = {
  'verdict.recorded': (state, data, { ledgerAt }) => verdictRecorded(state, data, ledgerAt),
};
