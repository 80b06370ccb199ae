import type { MessageOf, SignalReceived, WaitStarted } from '@interlock/contracts';
import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { shapeStep, startStep, stepNamed } from '../steps.js';
import { waitOf } from './work.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export function waitStarted(state: RunState, { step, until, signal }: Data<typeof WaitStarted>): RunState {
  return startStep(state, stepNamed(state, step), 'waiting', {
    kind: 'wait',
    ...(until === undefined ? {} : { until }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export const signalReceived = (
  state: RunState,
  { name, data, by }: Data<typeof SignalReceived>,
): RunState => ({
  ...state,
  signals: [...state.signals, { name, data: data ?? null, by: by.sub }],
});

/** The oldest signal that bears the name is used up, and whoever sent it has shaped the step. */
export function signalTaken(state: RunState, step: StepIndex): RunState {
  const { signal: name } = waitOf(state, step) ?? {};
  const taken = state.signals.findIndex((signal) => signal.name === name);
  const signal = state.signals[taken];
  if (signal === undefined) return state;
  return shapeStep({ ...state, signals: state.signals.toSpliced(taken, 1) }, step, signal.by);
}
