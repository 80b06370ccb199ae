import { StepSkipped } from '@interlock/contracts';
import { type CompiledToolStep, evaluateCondition } from '@interlock/language';
import { driveAgents } from '../agent/decide.js';
import { abandonPlans } from '../agent/plans.js';
import { withdrawUnneeded } from '../approval/decide.js';
import { durationExceeded, refuseStep, warnings } from '../budget.js';
import { isTakenBack, revoke } from '../call/revoke.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { ownerAt } from '../owners.js';
import { scopeOf } from '../scope/scope.js';
import { completeStep } from '../step/complete.js';
import { failStep } from '../step/fail.js';
import { startKind } from '../step/index.js';
import { expressionFailure, startTool } from '../step/tool/start.js';
import { endWhenDone } from './end.js';

/** Starts whatever may start now, and ends the run when nothing is left. */
export function advance(draft: DecisionDraft): undefined {
  const startsMore = () => !draft.isEnding && !draft.isPaused;
  if (startsMore()) startAhead(draft);
  if (startsMore()) driveAgents(draft);
  while (startsMore() && !draft.isFull) {
    const place = draft.state.ready[0];
    if (place === undefined) break;
    start(draft, place);
  }
  if (startsMore()) driveAgents(draft);
  if (draft.isEnding) {
    abandonPlans(draft);
    revokeAll(draft);
  }
  withdrawUnneeded(draft);
  for (const warning of warnings(draft.state)) draft.emit(warning);
  endWhenDone(draft);
}

/**
 * Calls that wait for nothing but checks asked for in this decision are requested with those checks among their needs.
 * Only steps whose own needs are closed count: otherwise an older check would still be open behind them.
 */
function startAhead(draft: DecisionDraft): undefined {
  const checks = new Map<StepIndex, string[]>();
  for (const place of draft.fresh) {
    const { unmet, check } = draft.step(place);
    if (unmet > 0 || check === undefined) continue;
    for (const dependent of draft.workflow.dependents[place]!) {
      checks.set(dependent, [...(checks.get(dependent) ?? []), `${draft.key}/${check}`]);
    }
  }
  for (const [place, ids] of checks) {
    if (draft.isEnding || draft.isFull) return;
    const step = draft.definition(place);
    if (step.kind === 'tool' && mayRequestAhead(draft, place, step, ids.length))
      startTool(draft, place, step, ids);
  }
}

function mayRequestAhead(
  draft: DecisionDraft,
  place: StepIndex,
  { fallbackOnly }: CompiledToolStep,
  fresh: number,
): boolean {
  const { status, unmet } = draft.step(place);
  if (fallbackOnly === true) return false;
  if (status !== 'pending' || unmet !== fresh || draft.isOverdue) return false;
  if (refuseStep(draft.state) !== undefined) return false;
  return holds(draft, place) === true;
}

function start(draft: DecisionDraft, place: StepIndex): undefined {
  const { id } = draft.definition(place);
  if (draft.isOverdue) return failStep(draft, place, durationExceeded(draft.state));
  const condition = holds(draft, place);
  if (condition === false) {
    draft.emit(StepSkipped({ step: id, because: 'condition' }));
    return completeStep(draft, place);
  }
  if (condition !== true) return failStep(draft, place, condition);
  const refused = draft.step(place).startedAt === undefined ? refuseStep(draft.state) : undefined;
  if (refused !== undefined) return failStep(draft, place, refused);
  startKind(draft, place);
}

function holds(draft: DecisionDraft, place: StepIndex) {
  const { when } = draft.definition(place);
  if (when === undefined) return true;
  try {
    return evaluateCondition(when, scopeOf(draft.state, draft.workflow.named[place]!));
  } catch (error) {
    return expressionFailure(error);
  }
}

/** A run that ends takes back every call it may; recovery of a call in doubt goes on, and so does what undoes. */
function revokeAll(draft: DecisionDraft): undefined {
  for (const ordinal of draft.state.openRequests) {
    if (draft.isFull) return;
    if (isTakenBack(draft.state, ordinal, ownerAt)) revoke(draft, ordinal, 'cancelled');
  }
}
