import type { DataOf, EvolveBy } from '../../evolving.js';
import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { shapeStep, startStep, stepNamed } from '../steps.js';
import { type WaitWork, waitOf } from './work.js';

function waitStarted(state: RunState, { step, until, signal }: DataOf<'wait.started'>): RunState {
  const work: WaitWork = {
    kind: 'wait',
    ...(until === undefined ? {} : { until }),
    ...(signal === undefined ? {} : { signal }),
  };
  return startStep(state, stepNamed(state, step), 'waiting', work);
}

const signalReceived = (state: RunState, { name, data, by }: DataOf<'signal.received'>): RunState => ({
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

export const waitEvents: EvolveBy<'wait.started' | 'signal.received'> = {
  'wait.started': waitStarted,
  'signal.received': signalReceived,
};
