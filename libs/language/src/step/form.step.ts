import { compileForm, formOutput } from '../compile.form.js';
import type { CompiledFormStep } from '../compiled.step.js';
import { readsOfTemplate, shownBy } from '../expression.reads.js';
import { type FormStep, formStep } from '../step.schema.js';
import { Form } from './form.js';

const shown = ({ form }: CompiledFormStep) => [form.question, form.details];

/** What people are asked to fill in. */
export const formStepForm = new Form<'form', FormStep, CompiledFormStep>('form', formStep, {
  check(check, { form: { question, details } }) {
    check.text(question, ['form', 'question'], 'a question');
    if (details !== undefined) check.template(details, ['form', 'details']);
  },
  output: (step, _found, types) => formOutput(step, types),
  compile: (every, step, { at, types, report }) => ({
    ...every,
    kind: 'form',
    form: compileForm(at, step, types, report),
  }),
  reads: (step) => readsOfTemplate(shown(step)),
  shows: (step) => shownBy(shown(step)),
});
