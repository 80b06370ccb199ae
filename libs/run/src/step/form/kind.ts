import type { CompiledFormStep, CompiledStep } from '@interlock/language';
import { definitionAt } from '../../scope/definition.js';
import type { WaitingFor } from '../../waiting.js';
import type { StepKind } from '../kind.js';
import { stepAt } from '../steps.js';
import { answerForm } from './answer.js';
import { formForgotten } from './evolve.js';
import { expireForm, openForm } from './start.js';
import { type FormWork, formOf } from './work.js';

const documentOf = (definition: CompiledStep): CompiledFormStep['form'] | undefined =>
  definition.kind === 'form' ? definition.form : undefined;

const QUESTION_SHOWN_CHARS = 300;

function askedBy(
  wait: WaitingFor,
  { question, details }: FormWork,
  { roles, schema }: CompiledFormStep['form'],
): WaitingFor {
  const shown = details === undefined ? { question } : { question, details };
  return { ...wait, form: { ...shown, roles, schema } };
}

/** Asks people to fill something in. */
export const formKind: StepKind = {
  starts: { 'form.opened': ['waiting'] },
  expressions(definition) {
    const { question, details } = documentOf(definition) ?? {};
    return [question, details];
  },
  start: openForm,
  wait(state, step, tell) {
    const asked = formOf(state, step);
    if (asked === undefined) return tell('call', 'its turn', state.origin.deadline);
    const { form } = definitionAt(state, step, 'form');
    const question = asked.question.slice(0, QUESTION_SHOWN_CHARS).toWellFormed();
    return askedBy(tell('form', `${form.roles.join(' or ')}: ${question}`, asked.until), asked, form);
  },
  due(state, step) {
    const asked = formOf(state, step);
    return asked === undefined || stepAt(state, step).at.status !== 'waiting' ? [] : [asked.until];
  },
  onTimer: expireForm,
  onAnswer: answerForm,
  output: (state, step) => formOf(state, step)?.answer?.value,
  completed: formForgotten,
  gives: {
    fields: ['form'],
    schema: (definition) => (definition.kind === 'form' ? { schema: definition.form.schema } : {}),
  },
};
