import { type Failure, StepCompleted, WaitStarted } from '@interlock/contracts';
import { type CompiledWaitStep, parseInstant, resolve } from '@interlock/language';
import type { Emitter } from '../../emitter.js';
import type { StepIndex } from '../../indices.js';
import { scopeOf } from '../../scope/scope.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';

/** Waits for a time to pass, an instant to come, or a signal, which may have come before. */
export function startWait(
  emitter: Emitter,
  place: StepIndex,
  { id: step, wait }: CompiledWaitStep,
): undefined {
  if ('signal' in wait) {
    emitter.emit(WaitStarted({ step, signal: wait.signal, until: emitter.now + wait.deadlineMs }));
    return takeSignal(emitter, place);
  }
  const until = 'forMs' in wait ? emitter.now + wait.forMs : instantOf(emitter, place, wait.until);
  if (typeof until !== 'number') return failStep(emitter, place, until);
  emitter.emit(WaitStarted({ step, until }));
  endWait(emitter, place);
}

function instantOf(emitter: Emitter, place: StepIndex, template: string): number | Failure {
  let value: unknown;
  try {
    value = resolve(template, scopeOf(emitter.state, emitter.plan.named[place]!), ['wait', 'until']);
  } catch (error) {
    return expressionFailure(error);
  }
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  if (instant !== undefined) return instant;
  const given = JSON.stringify(value)?.slice(0, 100).toWellFormed();
  const message = `wait.until gave ${given}, which is no instant like 2026-01-31T12:00:00Z`;
  return { class: 'invalid_input', code: 'wait.until', message };
}

/** Completes a wait with the oldest signal that bears its name. */
export function takeSignal(emitter: Emitter, place: StepIndex): undefined {
  const { status, wait } = emitter.step(place);
  const signal = emitter.state.signals.find(({ name }) => name === wait?.signal);
  if (status !== 'waiting' || signal === undefined) return;
  const step = emitter.definition(place).id;
  emitter.emit(StepCompleted({ step, output: signal.data, via: 'wait', detail: signal.name }));
  completeStep(emitter, place);
}

/** What its due instant means for a wait: done, or, where a signal was awaited, failed. */
export function endWait(emitter: Emitter, place: StepIndex): undefined {
  const { wait } = emitter.step(place);
  if (wait?.until === undefined || emitter.now < wait.until) return;
  if (wait.signal !== undefined) {
    const message = `no signal ${wait.signal} came in time`;
    return failStep(emitter, place, { class: 'timeout', code: 'wait.deadline', message });
  }
  emitter.emit(StepCompleted({ step: emitter.definition(place).id, output: null, via: 'wait' }));
  completeStep(emitter, place);
}
