import type {
  MessageOf,
  SignalReceived,
  StepCompleted,
  StepFailed,
  StepFellBack,
  StepParked,
  StepResumed,
  StepRetryScheduled,
  StepSkipped,
  StepStopped,
  WaitStarted,
} from '@interlock/contracts';
import { restedAgent } from '../agent/evolve.js';
import { shaped } from '../approval/shaping.js';
import type { LedgerAt } from '../call/owner.js';
import {
  added,
  closeStep,
  dropped,
  mayStart,
  placeOf,
  putCall,
  putStep,
  resetStep,
  startStep,
  without,
} from '../edit.js';
import type { StepIndex } from '../indices.js';
import { stepAt } from '../scope/workflow.index.js';
import type { CallState, RunState, StepState } from '../state.js';
import { setItem } from '../tree.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export function stepCompleted(state: RunState, data: Data<typeof StepCompleted>): RunState {
  const place = placeOf(state, data.step);
  const step = stepAt(state, place);
  const started = data.via === 'table' ? startStep(state, place, 'running') : state;
  const output = 'output' in data && data.output !== undefined ? data.output : (step.output ?? null);
  const completed = closeStep(started, place, { status: 'completed', output });
  return data.via === 'wait' && step.wait?.signal !== undefined
    ? signalTaken(completed, place, step.wait.signal)
    : completed;
}

/** The oldest one that bears the name. */
function signalTaken(state: RunState, place: StepIndex, name: string): RunState {
  const taken = state.signals.findIndex((signal) => signal.name === name);
  const signal = state.signals[taken];
  if (signal === undefined) return state;
  const signals = state.signals.toSpliced(taken, 1);
  return putStep({ ...state, signals }, place, shaped(stepAt(state, place), signal.by));
}

export function stepFailed(state: RunState, { step, failure }: Data<typeof StepFailed>): RunState {
  const place = placeOf(state, step);
  const failed = putStep(state, place, { status: 'failed', since: state.time, failure });
  return {
    ...failed,
    active: dropped(state.active, place),
    ready: dropped(state.ready, place),
    failed: state.failed ?? { step, failure },
  };
}

export function stepSkipped(
  before: RunState,
  { step, by }: Data<typeof StepSkipped>,
  ledgerAt: LedgerAt,
): RunState {
  const place = placeOf(before, step);
  const state = by === undefined ? before : putStep(before, place, shaped(stepAt(before, place), by.sub));
  const { call } = stepAt(state, place);
  const ledger = ledgerAt(state, place);
  if (call?.doubt === undefined) return ledger.skip(state, place, undefined);
  const open = without(call, 'doubt', 'due', 'stop');
  return ledger.skip(state, place, { ...open, phase: 'over', result: 'abandoned' });
}

export function retryScheduled(state: RunState, data: Data<typeof StepRetryScheduled>): RunState {
  const place = placeOf(state, data.step);
  const { call, verify } = stepAt(state, place);
  const more = data.counts ? 1 : 0;
  if (call?.phase === 'verifying' && verify !== undefined) {
    const again: CallState = { ...call, phase: 'settling', due: data.due };
    return putStep(state, place, { call: again, verify: { ...verify, failures: verify.failures + more } });
  }
  return putCall(state, place, { phase: 'retry', due: data.due, failures: (call?.failures ?? 0) + more });
}

/** Nothing was called, so it counts neither as a refusal nor as a failure. */
export function stepStopped(state: RunState, { step, stop }: Data<typeof StepStopped>): RunState {
  const place = placeOf(state, step);
  const { agent, call } = stepAt(state, place);
  if (agent !== undefined) {
    const failures = Math.max(0, agent.failures - 1);
    return putStep(state, place, { agent: { ...without(agent, 'due'), failures, stop } });
  }
  if (call === undefined) return state;
  const waiting = { ...without(call, 'due'), stop };
  if (call.phase === 'verifying') return putStep(state, place, { call: { ...waiting, phase: 'settling' } });
  const refusals = Math.max(0, call.refusals - 1);
  return putStep(state, place, { call: { ...waiting, refusals, phase: 'retry' } });
}

export function stepFellBack(state: RunState, { step, failure, to }: Data<typeof StepFellBack>): RunState {
  const place = placeOf(state, step);
  if (to === undefined) return putStep(state, place, { failure });
  const { call } = stepAt(state, place);
  const left: Partial<StepState> =
    call === undefined
      ? {}
      : { call: { ...without(call, 'due', 'stop'), phase: call.phase === 'over' ? 'over' : 'idle' } };
  const fell = putStep(state, place, { ...left, status: 'fell_back', since: state.time, failure });
  const other = placeOf(state, to);
  const called = putStep(
    { ...fell, active: added(state.active, place), ready: dropped(state.ready, place) },
    other,
    { wanted: true },
  );
  return mayStart(called, other) ? { ...called, ready: added(called.ready, other) } : called;
}

export function stepParked(state: RunState, { step, because, failure }: Data<typeof StepParked>): RunState {
  const place = placeOf(state, step);
  const parked = putStep(state, place, { status: 'parked', since: state.time, parked: because, failure });
  return putCall(
    { ...parked, active: added(state.active, place), ready: dropped(state.ready, place) },
    place,
    { phase: 'person' },
  );
}

export function stepResumed(state: RunState, { step, generation, by }: Data<typeof StepResumed>): RunState {
  const place = placeOf(state, step);
  const parked = stepAt(state, place);
  const before: StepState = { ...parked, ...shaped(parked, by.sub) };
  if (before.call?.doubt !== undefined) {
    const back = without(before, 'parked', 'failure');
    const call: CallState = { ...before.call, phase: 'idle' };
    return {
      ...state,
      steps: setItem(state.steps, place, { ...back, call, status: 'running', since: state.time }),
    };
  }
  const fresh = without(before, 'failure', 'output', 'checked', 'derived', 'startedAt');
  const agent = before.agent === undefined ? {} : { agent: restedAgent(before.agent) };
  const again = setItem(state.steps, place, { ...fresh, ...agent, generation });
  return resetStep({ ...state, steps: again }, place);
}

export function waitStarted(state: RunState, data: Data<typeof WaitStarted>): RunState {
  const place = placeOf(state, data.step);
  const { until, signal } = data;
  const wait = {
    ...(until === undefined ? {} : { until }),
    ...(signal === undefined ? {} : { signal }),
  };
  return putStep(startStep(state, place, 'waiting'), place, { wait });
}

export const signalReceived = (
  state: RunState,
  { name, data, by }: Data<typeof SignalReceived>,
): RunState => ({
  ...state,
  signals: [...state.signals, { name, data: data ?? null, by: by.sub }],
});
