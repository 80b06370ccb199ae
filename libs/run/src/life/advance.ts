import { StepSkipped } from '@interlock/contracts';
import { type CompiledToolStep, evaluateCondition } from '@interlock/language';
import { driveAgents } from '../agent/decide.js';
import { abandonPlans } from '../agent/plans.js';
import { withdrawUnneeded } from '../approval/decide.js';
import { durationExceeded, refuseStep, warnings } from '../budget.js';
import { isTakenBack, revoke } from '../call/revoke.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { ownerAt } from '../owners.js';
import { scopeOf } from '../scope/scope.js';
import { completeStep } from '../step/complete.js';
import { failStep } from '../step/fail.js';
import { startKind } from '../step/index.js';
import { expressionFailure, startTool } from '../step/tool/start.js';
import { endWhenDone } from './end.js';

/** Starts whatever may start now, and ends the run when nothing is left. */
export function advance(emitter: Emitter): undefined {
  const startsMore = () => !emitter.isEnding && !emitter.isPaused;
  if (startsMore()) startAhead(emitter);
  if (startsMore()) driveAgents(emitter);
  while (startsMore() && !emitter.isFull) {
    const place = emitter.state.ready[0];
    if (place === undefined) break;
    start(emitter, place);
  }
  if (startsMore()) driveAgents(emitter);
  if (emitter.isEnding) {
    abandonPlans(emitter);
    revokeAll(emitter);
  }
  withdrawUnneeded(emitter);
  for (const warning of warnings(emitter.state)) emitter.emit(warning);
  endWhenDone(emitter);
}

/**
 * Calls that wait for nothing but checks asked for in this decision are requested with those checks among their needs.
 * Only steps whose own needs are closed count: otherwise an older check would still be open behind them.
 */
function startAhead(emitter: Emitter): undefined {
  const checks = new Map<StepIndex, string[]>();
  for (const place of emitter.fresh) {
    const { unmet, check } = emitter.step(place);
    if (unmet > 0 || check === undefined) continue;
    for (const dependent of emitter.plan.dependents[place]!) {
      checks.set(dependent, [...(checks.get(dependent) ?? []), `${emitter.key}/${check}`]);
    }
  }
  for (const [place, ids] of checks) {
    if (emitter.isEnding || emitter.isFull) return;
    const step = emitter.definition(place);
    if (step.kind === 'tool' && mayRequestAhead(emitter, place, step, ids.length))
      startTool(emitter, place, step, ids);
  }
}

function mayRequestAhead(
  emitter: Emitter,
  place: StepIndex,
  { fallbackOnly }: CompiledToolStep,
  fresh: number,
): boolean {
  const { status, unmet } = emitter.step(place);
  if (fallbackOnly === true) return false;
  if (status !== 'pending' || unmet !== fresh || emitter.isOverdue) return false;
  if (refuseStep(emitter.state) !== undefined) return false;
  return holds(emitter, place) === true;
}

function start(emitter: Emitter, place: StepIndex): undefined {
  const { id } = emitter.definition(place);
  if (emitter.isOverdue) return failStep(emitter, place, durationExceeded(emitter.state));
  const condition = holds(emitter, place);
  if (condition === false) {
    emitter.emit(StepSkipped({ step: id, because: 'condition' }));
    return completeStep(emitter, place);
  }
  if (condition !== true) return failStep(emitter, place, condition);
  const refused = emitter.step(place).startedAt === undefined ? refuseStep(emitter.state) : undefined;
  if (refused !== undefined) return failStep(emitter, place, refused);
  startKind(emitter, place);
}

function holds(emitter: Emitter, place: StepIndex) {
  const { when } = emitter.definition(place);
  if (when === undefined) return true;
  try {
    return evaluateCondition(when, scopeOf(emitter.state, emitter.plan.named[place]!));
  } catch (error) {
    return expressionFailure(error);
  }
}

/** A run that ends takes back every call it may; recovery of a call in doubt goes on, and so does what undoes. */
function revokeAll(emitter: Emitter): undefined {
  for (const ordinal of emitter.state.openRequests) {
    if (emitter.isFull) return;
    if (isTakenBack(emitter.state, ordinal, ownerAt)) revoke(emitter, ordinal, 'cancelled');
  }
}
