import type { CompiledStep, CompiledWaitStep } from '@interlock/language';
import type { StepKind } from '../kind.js';
import { stepAt } from '../steps.js';
import { signalTaken } from './evolve.js';
import { endWait, startWait, takeSignal } from './start.js';
import { waitOf } from './work.js';

const documentOf = (definition: CompiledStep): CompiledWaitStep['wait'] | undefined =>
  definition.kind === 'wait' ? definition.wait : undefined;

/** Waits for a time to pass, an instant to come, or a signal. */
export const waitKind: StepKind = {
  starts: { 'wait.started': ['waiting'] },
  expressions: documentOf,
  start: startWait,
  wait(state, step, tell) {
    const { until, signal } = waitOf(state, step) ?? {};
    return signal === undefined ? tell('wait', 'a time to come', until) : tell('signal', signal, until);
  },
  due(state, step) {
    const { until } = waitOf(state, step) ?? {};
    return until === undefined || stepAt(state, step).at.status !== 'waiting' ? [] : [until];
  },
  onTimer: endWait,
  knowsSignal(definition, name) {
    const document = documentOf(definition);
    return document !== undefined && 'signal' in document && document.signal === name;
  },
  awaitsSignal: (state, step, name) =>
    stepAt(state, step).at.status === 'waiting' && waitOf(state, step)?.signal === name,
  onSignal: takeSignal,
  completed: signalTaken,
};
