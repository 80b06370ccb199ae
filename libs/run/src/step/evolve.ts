import type {
  MessageOf,
  StepCompleted,
  StepFailed,
  StepFellBack,
  StepParked,
  StepResumed,
  StepRetryScheduled,
  StepSkipped,
  StepStopped,
} from '@interlock/contracts';
import { callAt, enter, forgetOutput, happenedOf, isOver, putCall, setCall } from '../call/calls.js';
import { drop } from '../call/evolve.js';
import type { LedgerAt } from '../call/owner.js';
import type { CallIndex } from '../indices.js';
import { added, dropped } from '../lists.js';
import { actingFor, addressed, callOf } from '../scope/called.js';
import type { RunState } from '../state.js';
import { kindAt } from './index.js';
import {
  closeStep,
  enterStep,
  failureOf,
  isClosed,
  mayStart,
  putStep,
  resetStep,
  setStep,
  shapeStep,
  startStep,
  stepAt,
  stepNamed,
} from './steps.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export function stepCompleted(state: RunState, data: Data<typeof StepCompleted>): RunState {
  const step = stepNamed(state, data.step);
  const kind = kindAt(state, step);
  const failure = failureOf(stepAt(state, step));
  const started = data.via === 'table' ? startStep(state, step, 'running') : state;
  const completed = closeStep(started, step, {
    status: 'completed',
    output: data.output !== undefined ? data.output : (kind.output?.(state, step) ?? null),
    ...(failure === undefined ? {} : { insteadOf: failure }),
  });
  const kept = forgetOutput(completed, callOf(completed, step));
  return data.via === 'wait' ? (kind.completed?.(kept, step) ?? kept) : kept;
}

export function stepFailed(state: RunState, { step: id, failure }: Data<typeof StepFailed>): RunState {
  const step = stepNamed(state, id);
  return {
    ...enterStep(state, step, { status: 'failed', failure }),
    active: dropped(state.active, step),
    ready: dropped(state.ready, step),
    failed: state.failed ?? { step: id, failure },
  };
}

export function stepSkipped(
  before: RunState,
  { step: id, by }: Data<typeof StepSkipped>,
  ledgerAt: LedgerAt,
): RunState {
  const { step, call } = addressed(before, id);
  const state = by === undefined ? before : shapeStep(before, step, by.sub);
  if (call === undefined) return closeStep(state, step, { status: 'skipped' });
  const { doubt, ...known } = callAt(state, call);
  const left = doubt === undefined ? state : setCall(state, call, { ...known, at: { phase: 'abandoned' } });
  return forgetOutput(ledgerAt(left, call).skipped(left, call), call);
}

export function retryScheduled(
  state: RunState,
  { step, due, counts }: Data<typeof StepRetryScheduled>,
): RunState {
  const { call } = addressed(state, step);
  if (call === undefined) return state;
  const again = actingFor(state, call);
  const failures = callAt(state, again).failures + (counts ? 1 : 0);
  return putCall(state, again, { at: { phase: 'retry', due }, failures });
}

/** Nothing was called, so it counts neither as a refusal nor as a failure. */
export function stepStopped(state: RunState, { step: id, stop }: Data<typeof StepStopped>): RunState {
  const { step, call } = addressed(state, id);
  if (call === undefined) return kindAt(state, step).stopped?.(state, step, stop) ?? state;
  const stopped = actingFor(state, call);
  const refusals = Math.max(0, callAt(state, stopped).refusals - 1);
  return putCall(state, stopped, { at: { phase: 'stopped', stop }, refusals });
}

export function stepFellBack(
  state: RunState,
  { step: id, failure, to }: Data<typeof StepFellBack>,
): RunState {
  const { step, call } = addressed(state, id);
  if (isClosed(stepAt(state, step))) return state;
  const before = call === undefined ? undefined : callAt(state, call);
  const left =
    call === undefined || before === undefined || isOver(before)
      ? state
      : enter(state, call, happenedOf(before) ?? { phase: 'idle' });
  const fell = enterStep(left, step, { status: 'fell_back', failure });
  if (to === undefined) return fell;
  const other = stepNamed(state, to);
  const lists = { active: added(state.active, step), ready: dropped(state.ready, step) };
  const called = putStep({ ...fell, ...lists }, other, { wanted: true });
  return mayStart(called, other) ? { ...called, ready: added(called.ready, other) } : called;
}

export function stepParked(state: RunState, { step: id, failure }: Data<typeof StepParked>): RunState {
  const { kind, step, call } = addressed(state, id);
  const parked = call === undefined ? state : callParked(state, call, failure);
  if (kind === 'call') return parked;
  return {
    ...enterStep(parked, step, { status: 'parked', failure }),
    active: added(state.active, step),
    ready: dropped(state.ready, step),
  };
}

function callParked(state: RunState, call: CallIndex, failure: Data<typeof StepParked>['failure']): RunState {
  const before = callAt(state, call);
  if (isOver(before)) return state;
  const known = happenedOf(before);
  return putCall(state, call, { at: known ?? { phase: 'person', failure }, since: state.time });
}

export function stepResumed(
  before: RunState,
  { step: id, generation, by }: Data<typeof StepResumed>,
  ledgerAt: LedgerAt,
): RunState {
  const { kind, step, call } = addressed(before, id);
  const state = shapeStep(before, step, by.sub);
  if (call !== undefined && callAt(state, call).doubt !== undefined) {
    const back = putCall(state, call, { at: { phase: 'idle' }, since: state.time });
    return ledgerAt(back, call).unparked(back, call);
  }
  // An agent's call is made once more, since its model has proposed it once.
  if (kind === 'call')
    return putCall(state, call, { at: { phase: 'retry', due: state.time }, since: state.time });
  const { startedAt, ...fresh } = stepAt(state, step);
  const again = setStep(state, step, { ...fresh, generation });
  const isLeft = call === undefined || isOver(callAt(again, call));
  return isLeft ? resetStep(forgetOutput(again, call), step) : drop(again, call, ledgerAt);
}
