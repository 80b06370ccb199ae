import { type Failure, ScopeOpened, ScopeStarted, ScopeStopping, StepCompleted } from '@interlock/contracts';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import type { Turn } from '../../scope/scope.state.js';
import type { RunState } from '../../state.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { stepAt } from '../steps.js';
import { type BodyWork, bodyOf } from './work.js';

/** @param items of a `forEach`: how long its list is */
export function startBody(draft: DecisionDraft, step: StepIndex, items?: number): undefined {
  const { id } = draft.definition(step);
  draft.emit(ScopeStarted(items === undefined ? { step: id } : { step: id, items }));
}

/**
 * Takes a step that has a body as far as it can go now. A pause keeps it from going on, not from failing.
 * @param next what its kind does while turns may be opened
 */
export function driveBody(draft: DecisionDraft, step: StepIndex, next: (work: BodyWork) => void): undefined {
  const work = bodyOf(draft.state, step);
  if (work === undefined || draft.step(step).at.status !== 'running' || draft.isEndingAt(step)) return;
  if (work.stopping !== undefined) {
    if (work.open === 0) failStep(draft, step, work.stopping);
  } else if (!draft.isPaused) next(work);
}

export function openTurn(draft: DecisionDraft, step: StepIndex, turn: Turn): undefined {
  draft.emit(ScopeOpened({ step: draft.definition(step).id, ...turn }));
}

/** Its turns have given all that it gives. */
export function completeBody(draft: DecisionDraft, step: StepIndex, detail?: string): undefined {
  const { id } = draft.definition(step);
  draft.emit(StepCompleted({ step: id, via: 'body', ...(detail === undefined ? {} : { detail }) }));
  completeStep(draft, step);
}

/** Its open turns are stopped, and then it fails. */
export function stopBody(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  const work = bodyOf(draft.state, step);
  if (work === undefined || work.stopping !== undefined) return;
  draft.emit(ScopeStopping({ step: draft.definition(step).id, failure }));
  driveBody(draft, step, () => undefined);
}

/** When it can go on at once, UTC ms. @param mayOpen whether its kind would open a turn, or end */
export function bodyDue(state: RunState, step: StepIndex, mayOpen: (work: BodyWork) => boolean): number[] {
  const work = bodyOf(state, step);
  if (work === undefined || stepAt(state, step).at.status !== 'running') return [];
  const goesOn = work.stopping === undefined ? state.paused === null && mayOpen(work) : work.open === 0;
  return goesOn ? [state.time] : [];
}
