import { type Failure, StepCompleted, WaitStarted } from '@interlock/contracts';
import { type CompiledWaitStep, parseInstant, resolve } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { scopeOf } from '../../scope/scope.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';

/** Waits for a time to pass, an instant to come, or a signal, which may have come before. */
export function startWait(
  draft: DecisionDraft,
  place: StepIndex,
  { id: step, wait }: CompiledWaitStep,
): undefined {
  if ('signal' in wait) {
    draft.emit(WaitStarted({ step, signal: wait.signal, until: draft.now + wait.deadlineMs }));
    return takeSignal(draft, place);
  }
  const until = 'forMs' in wait ? draft.now + wait.forMs : instantOf(draft, place, wait.until);
  if (typeof until !== 'number') return failStep(draft, place, until);
  draft.emit(WaitStarted({ step, until }));
  endWait(draft, place);
}

function instantOf(draft: DecisionDraft, place: StepIndex, template: string): number | Failure {
  let value: unknown;
  try {
    value = resolve(template, scopeOf(draft.state, draft.workflow.named[place]!), ['wait', 'until']);
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
export function takeSignal(draft: DecisionDraft, place: StepIndex): undefined {
  const { status, wait } = draft.step(place);
  const signal = draft.state.signals.find(({ name }) => name === wait?.signal);
  if (status !== 'waiting' || signal === undefined) return;
  const step = draft.definition(place).id;
  draft.emit(StepCompleted({ step, output: signal.data, via: 'wait', detail: signal.name }));
  completeStep(draft, place);
}

/** What its due instant means for a wait: done, or, where a signal was awaited, failed. */
export function endWait(draft: DecisionDraft, place: StepIndex): undefined {
  const { wait } = draft.step(place);
  if (wait?.until === undefined || draft.now < wait.until) return;
  if (wait.signal !== undefined) {
    const message = `no signal ${wait.signal} came in time`;
    return failStep(draft, place, { class: 'timeout', code: 'wait.deadline', message });
  }
  draft.emit(StepCompleted({ step: draft.definition(place).id, output: null, via: 'wait' }));
  completeStep(draft, place);
}
