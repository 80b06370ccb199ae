import { type Failure, FormOpened } from '@interlock/contracts';
import { type CompiledFormStep, resolve } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';
import { formOf } from './work.js';

/** Question and details together: a run shows them to everybody who reads it. */
const SHOWN_CHARS_MAX = 20_000;

interface Shown {
  readonly question: string;
  readonly details?: unknown;
}

/** Asks people to fill in what the workflow wants to know. */
export function openForm(draft: DecisionDraft, step: StepIndex): undefined {
  const { id, form } = draft.definitionOf(step, 'form');
  const shown = shownBy(draft, step, form);
  if ('class' in shown) return failStep(draft, step, shown);
  const { generation } = draft.step(step);
  const until = draft.now + form.expiresAfterMs;
  draft.emit(FormOpened({ step: id, ...shown, roles: [...form.roles], until, generation }));
}

function shownBy(draft: DecisionDraft, step: StepIndex, form: CompiledFormStep['form']): Shown | Failure {
  const scope = draft.scopeOf(step);
  let question: unknown;
  let details: unknown;
  try {
    question = resolve(form.question, scope, ['form', 'question']);
    if (form.details !== undefined) details = resolve(form.details, scope, ['form', 'details']);
  } catch (error) {
    return expressionFailure(error);
  }
  if (typeof question !== 'string')
    return unfit('form.question', 'form.question gave something else than text');
  const shown = details === undefined ? { question } : { question, details };
  if (JSON.stringify(shown).length <= SHOWN_CHARS_MAX) return shown;
  return unfit('form.too_large', `what the form shows is longer than ${SHOWN_CHARS_MAX} characters`);
}

const unfit = (code: 'form.question' | 'form.too_large', message: string): Failure => ({
  class: 'invalid_input',
  code,
  message,
});

/** Nobody has answered in time. */
export function expireForm(draft: DecisionDraft, step: StepIndex): undefined {
  const { until } = formOf(draft.state, step) ?? {};
  if (draft.step(step).at.status !== 'waiting' || until === undefined || draft.now < until) return;
  const message = 'nobody answered the form in time';
  return failStep(draft, step, { class: 'timeout', code: 'form.expired', message });
}
