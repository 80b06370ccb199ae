import { StepSkipped } from '@interlock/contracts';
import { evaluateCondition } from '@interlock/language';
import { abandonPlans } from '../agent/plans.js';
import { withdrawUnneeded } from '../approval/decide.js';
import { durationExceeded, refuseStep, warnings } from '../budget.js';
import { isTakenBack, revoke } from '../call/revoke.js';
import type { DecisionDraft } from '../decision.draft.js';
import { cancelChildren } from '../family/children.js';
import { eventIdOf } from '../ids.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { ownerAt } from '../owners.js';
import { isBlocked } from '../scope/called.js';
import { closeTurns } from '../step/body/close.js';
import { completeStep } from '../step/complete.js';
import { failStep, giveOwed, owesValue } from '../step/fail.js';
import { kindAt } from '../step/index.js';
import { expressionFailure } from '../step/tool/start.js';
import { endWhenDone } from './end.js';

/** Starts whatever may start now, and ends the run when nothing is left. */
export function advance(draft: DecisionDraft): undefined {
  const startsMore = () => !draft.isEnding && !draft.isPaused;
  if (startsMore()) startAhead(draft);
  for (let before = -1; before < draft.events.length && !draft.isFull; ) {
    before = draft.events.length;
    if (startsMore()) driveAll(draft);
    while (startsMore() && !draft.isFull) {
      const step = draft.state.ready.find((one) => !draft.requests.has(draft.definition(one).id));
      if (step === undefined) break;
      draft.whenAtHand(draft.definition(step).id, () => start(draft, step));
    }
    if (startsMore()) driveAll(draft);
    takeBack(draft);
    withdrawUnneeded(draft);
    closeTurns(draft);
  }
  for (const warning of warnings(draft.state)) draft.emit(warning);
  endWhenDone(draft);
}

/** What nobody waits for any more is taken back: of a run that ends, or of a turn. */
function takeBack(draft: DecisionDraft): undefined {
  if (!draft.isEnding && draft.state.scopes.every(({ ending }) => ending === undefined)) return;
  abandonPlans(draft);
  revokeAll(draft);
  cancelChildren(draft);
}

/** Takes every step that has started, and need not end, as far as it can go now. */
function driveAll(draft: DecisionDraft): undefined {
  const { active } = draft.state;
  for (const step of active) {
    if (draft.isFull) return;
    // One that was driven before may have ended the turn of the next.
    const isLeft = draft.state.active === active || draft.state.active.includes(step);
    if (isLeft && !draft.isEndingAt(step)) drive(draft, step);
  }
}

function drive(draft: DecisionDraft, step: StepIndex): undefined {
  const go = owesValue(draft.state, step) ? giveOwed : kindAt(draft.state, step).drive;
  if (go !== undefined) draft.whenAtHand(draft.definition(step).id, () => go(draft, step));
}

/**
 * Calls that wait for nothing but checks asked for in this decision are requested with those checks among their needs.
 * Only steps whose own needs are closed count: otherwise an older check would still be open behind them.
 */
function startAhead(draft: DecisionDraft): undefined {
  const checks = new Map<StepIndex, string[]>();
  for (const call of draft.fresh) {
    const { at } = draft.call(call);
    if (isBlocked(draft.state, call) || at.phase !== 'happened' || at.check === undefined) continue;
    for (const dependent of draft.indexed(draft.stepOf(call)).dependents)
      checks.set(dependent, [...(checks.get(dependent) ?? []), eventIdOf(draft.key, at.check.seq)]);
  }
  for (const [step, ids] of checks) {
    if (draft.isEnding || draft.isFull) return;
    const { startAhead: start } = kindAt(draft.state, step);
    if (start === undefined) continue;
    draft.whenAtHand(draft.definition(step).id, () => {
      if (mayStartAhead(draft, step, ids.length)) start(draft, step, ids);
    });
  }
}

function mayStartAhead(draft: DecisionDraft, step: StepIndex, fresh: number): boolean {
  const { at, unmet } = draft.step(step);
  if (draft.definition(step).fallbackOnly === true) return false;
  if (at.status !== 'pending' || unmet !== fresh || draft.isOverdue || draft.isEndingAt(step)) return false;
  if (refuseStep(draft.state, draft.settings) !== undefined) return false;
  return holds(draft, step) === true;
}

function start(draft: DecisionDraft, step: StepIndex): undefined {
  const { id } = draft.definition(step);
  if (draft.isOverdue) return failStep(draft, step, durationExceeded(draft.state));
  const condition = holds(draft, step);
  if (condition === false) {
    draft.emit(StepSkipped({ step: id, because: 'condition' }));
    return completeStep(draft, step);
  }
  if (condition !== true) return failStep(draft, step, condition);
  const refused =
    draft.step(step).startedAt === undefined ? refuseStep(draft.state, draft.settings) : undefined;
  if (refused !== undefined) return failStep(draft, step, refused);
  kindAt(draft.state, step).start(draft, step);
}

function holds(draft: DecisionDraft, step: StepIndex) {
  const { when } = draft.definition(step);
  if (when === undefined) return true;
  try {
    return evaluateCondition(when, draft.scopeOf(step));
  } catch (error) {
    return expressionFailure(error);
  }
}

const isStopped = (draft: DecisionDraft, request: RequestIndex): boolean =>
  draft.isEndingAt(draft.stepOf(draft.request(request).call));

/** What ends takes back every call it may; recovery of a call in doubt goes on, and so does what undoes. */
function revokeAll(draft: DecisionDraft): undefined {
  for (const request of draft.state.openRequests) {
    if (draft.isFull) return;
    if (isTakenBack(draft.state, request, ownerAt) && isStopped(draft, request))
      revoke(draft, request, 'cancelled');
  }
}
