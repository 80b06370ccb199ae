import {
  anew,
  callAt,
  enter,
  forgetOutput,
  happenedOf,
  isOver,
  putCall,
  retryingSince,
  setCall,
} from '../call/calls.js';
import { drop } from '../call/evolve.js';
import type { LedgerAt } from '../call/owner.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { CallIndex } from '../indices.js';
import { added, dropped } from '../lists.js';
import { actingFor, addressed, callOf } from '../scope/called.js';
import { scopeHolding } from '../scope/scopes.js';
import { pastBreach } from '../sla/evolve.js';
import type { RunState } from '../state.js';
import { turnFailed } from './body/evolve.js';
import { kindAt } from './index.js';
import { stepResolved } from './resolve.evolve.js';
import {
  beginGeneration,
  closeStep,
  enterStep,
  failureOf,
  isClosed,
  mayStart,
  putStep,
  resetStep,
  shapeStep,
  startStep,
  stepAt,
  stepNamed,
} from './steps.js';

function stepCompleted(state: RunState, data: DataOf<'step.completed'>): RunState {
  const step = stepNamed(state, data.step);
  const kind = kindAt(state, step);
  const failure = failureOf(stepAt(state, step));
  // Not what stands in for it.
  const isOwn = data.via !== 'value';
  const started = isOwn && kind.isInstant === true ? startStep(state, step, 'running') : state;
  const completed = closeStep(started, step, {
    status: 'completed',
    output: data.output !== undefined ? data.output : (kind.output?.(state, step) ?? null),
    ...(failure === undefined ? {} : { insteadOf: failure }),
  });
  const kept = forgetOutput(completed, callOf(completed, step));
  return isOwn ? (kind.completed?.(kept, step) ?? kept) : kept;
}

function stepFailed(state: RunState, { step: id, failure }: DataOf<'step.failed'>): RunState {
  const step = stepNamed(state, id);
  const failed: RunState = {
    ...enterStep(state, step, { status: 'failed', failure }),
    active: dropped(state.active, step),
    ready: dropped(state.ready, step),
  };
  const scope = scopeHolding(failed, step);
  if (scope === undefined) return { ...failed, failed: state.failed ?? { step: id, failure } };
  return turnFailed(failed, scope, { kind: 'failed', step: id, failure });
}

function stepSkipped(
  before: RunState,
  { step: id, by }: DataOf<'step.skipped'>,
  ledgerAt: LedgerAt,
): RunState {
  const { step, call } = addressed(before, id);
  const state = by === undefined ? before : shapeStep(before, step, by.sub);
  if (call === undefined) return closeStep(state, step, { status: 'skipped' });
  const { doubt, ...known } = callAt(state, call);
  const left = doubt === undefined ? state : setCall(state, call, { ...known, at: { phase: 'abandoned' } });
  return forgetOutput(ledgerAt(left, call).skipped(left, call), call);
}

function retryScheduled(state: RunState, { step, due, counts }: DataOf<'step.retry_scheduled'>): RunState {
  const { call } = addressed(state, step);
  if (call === undefined) return state;
  const again = actingFor(state, call);
  const failures = callAt(state, again).failures + (counts ? 1 : 0);
  const lasting = counts ? { retrying: retryingSince(state, again) } : {};
  return putCall(state, again, { at: { phase: 'retry', due }, failures, ...lasting });
}

/** Nothing was called, so it counts neither as a refusal nor as a failure. */
function stepStopped(state: RunState, { step: id, stop }: DataOf<'step.stopped'>): RunState {
  const { step, call } = addressed(state, id);
  if (call === undefined) return kindAt(state, step).stopped?.(state, step, stop) ?? state;
  const stopped = actingFor(state, call);
  const refusals = Math.max(0, callAt(state, stopped).refusals - 1);
  return putCall(state, stopped, { at: { phase: 'stopped', stop }, refusals });
}

function stepFellBack(state: RunState, { step: id, failure, to }: DataOf<'step.fell_back'>): RunState {
  const { step, call } = addressed(state, id);
  if (isClosed(stepAt(state, step))) return state;
  const before = call === undefined ? undefined : callAt(state, call);
  const left =
    call === undefined || before === undefined || isOver(before)
      ? state
      : enter(state, call, happenedOf(before) ?? { phase: 'idle' });
  const fell = enterStep(left, step, { status: 'fell_back', failure });
  const lists = { active: added(state.active, step), ready: dropped(state.ready, step) };
  if (to === undefined) return { ...fell, ...lists };
  const other = stepNamed(state, to);
  const called = putStep({ ...fell, ...lists }, other, { wanted: true });
  return mayStart(called, other) ? { ...called, ready: added(called.ready, other) } : called;
}

function stepParked(state: RunState, { step: id, failure }: DataOf<'step.parked'>): RunState {
  const { kind, step, call } = addressed(state, id);
  const parked = call === undefined ? state : callParked(state, call, failure);
  if (kind === 'call') return parked;
  return {
    ...enterStep(parked, step, { status: 'parked', failure }),
    active: added(state.active, step),
    ready: dropped(state.ready, step),
  };
}

function callParked(state: RunState, call: CallIndex, failure: DataOf<'step.parked'>['failure']): RunState {
  const before = callAt(state, call);
  if (isOver(before)) return state;
  const known = happenedOf(before);
  return putCall(state, call, { at: known ?? { phase: 'person', failure }, since: state.time });
}

function stepResumed(
  before: RunState,
  { step: id, generation, by }: DataOf<'step.resumed'>,
  ledgerAt: LedgerAt,
): RunState {
  const { kind, step, call } = addressed(before, id);
  const state = pastBreach(shapeStep(before, step, by.sub), step);
  if (call !== undefined && callAt(state, call).doubt !== undefined) {
    const back = setCall(state, call, {
      ...anew(callAt(state, call)),
      at: { phase: 'idle' },
      since: state.time,
    });
    return ledgerAt(back, call).unparked(back, call);
  }
  // An agent's call is made once more, since its model has proposed it once.
  if (kind === 'call')
    return setCall(state, call, {
      ...anew(callAt(state, call)),
      at: { phase: 'retry', due: state.time },
      since: state.time,
    });
  const again = beginGeneration(state, step, generation);
  const isLeft = call === undefined || isOver(callAt(again, call));
  return isLeft ? resetStep(forgetOutput(again, call), step) : drop(again, call, ledgerAt);
}

export const stepEvents: EvolveBy<
  | 'step.completed'
  | 'step.failed'
  | 'step.skipped'
  | 'step.retry_scheduled'
  | 'step.stopped'
  | 'step.fell_back'
  | 'step.parked'
  | 'step.resumed'
  | 'step.resolved'
> = {
  'step.completed': stepCompleted,
  'step.failed': stepFailed,
  'step.skipped': (state, data, { ledgerAt }) => stepSkipped(state, data, ledgerAt),
  'step.retry_scheduled': retryScheduled,
  'step.stopped': stepStopped,
  'step.fell_back': stepFellBack,
  'step.parked': stepParked,
  'step.resumed': (state, data, { ledgerAt }) => stepResumed(state, data, ledgerAt),
  'step.resolved': (state, data, { ledgerAt }) => stepResolved(state, data, ledgerAt),
};
