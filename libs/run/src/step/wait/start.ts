import { type Failure, StepCompleted, WaitStarted } from '@interlock/contracts';
import { parseInstant, resolve } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';
import { waitOf } from './work.js';

/** Waits for a time to pass, an instant to come, or a signal, which may have come before. */
export function startWait(draft: DecisionDraft, step: StepIndex): undefined {
  const { id, wait } = draft.definitionOf(step, 'wait');
  if ('signal' in wait) {
    draft.emit(WaitStarted({ step: id, signal: wait.signal, until: draft.now + wait.deadlineMs }));
    return takeSignal(draft, step);
  }
  const until = 'forMs' in wait ? draft.now + wait.forMs : instantOf(draft, step, wait.until);
  if (typeof until !== 'number') return failStep(draft, step, until);
  draft.emit(WaitStarted({ step: id, until }));
  endWait(draft, step);
}

function instantOf(draft: DecisionDraft, step: StepIndex, template: string): number | Failure {
  let value: unknown;
  try {
    value = resolve(template, draft.scopeOf(step), ['wait', 'until']);
  } catch (error) {
    return expressionFailure(error);
  }
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  if (instant !== undefined) return instant;
  const given = JSON.stringify(value)?.slice(0, 100).toWellFormed();
  const message = `wait.until gave ${given}, which is not an instant like 2026-01-31T12:00:00Z`;
  return { class: 'invalid_input', code: 'wait.until', message };
}

/** Completes a wait with the oldest signal that bears its name. */
export function takeSignal(draft: DecisionDraft, step: StepIndex): undefined {
  const { signal: awaited } = waitOf(draft.state, step) ?? {};
  if (draft.step(step).at.status !== 'waiting') return;
  const signal = draft.state.signals.find(({ name }) => name === awaited);
  if (signal === undefined) return;
  const { id } = draft.definition(step);
  draft.emit(StepCompleted({ step: id, output: signal.data, via: 'wait', detail: signal.name }));
  completeStep(draft, step);
}

/** What its due instant means for a wait: done, or, where a signal was awaited, failed. */
export function endWait(draft: DecisionDraft, step: StepIndex): undefined {
  const { until, signal } = waitOf(draft.state, step) ?? {};
  if (draft.step(step).at.status !== 'waiting' || until === undefined || draft.now < until) return;
  if (signal !== undefined) {
    const message = `no signal ${signal} came in time`;
    return failStep(draft, step, { class: 'timeout', code: 'wait.deadline', message });
  }
  draft.emit(StepCompleted({ step: draft.definition(step).id, output: null, via: 'wait' }));
  completeStep(draft, step);
}
