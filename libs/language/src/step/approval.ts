import { approvalOutput, compileApproval } from '../compile.approval.js';
import type { CompiledApprovalStep } from '../compiled.step.js';
import { readsOfTemplate, shownBy } from '../expression.reads.js';
import { type ApprovalStep, approvalStep } from '../step.schema.js';
import { Form } from './form.js';

const shown = ({ approval }: CompiledApprovalStep) => [approval.question, approval.details];

export const approvalForm = new Form<'approval', ApprovalStep, CompiledApprovalStep>(
  'approval',
  approvalStep,
  {
    check(check, { approval: { question, details } }) {
      check.text(question, ['approval', 'question'], 'a question');
      if (details !== undefined) check.template(details, ['approval', 'details']);
    },
    output: () => approvalOutput,
    compile: (every, step, { at, report }) => ({
      ...every,
      kind: 'approval',
      approval: compileApproval(at, step, report),
    }),
    reads: (step) => readsOfTemplate(shown(step)),
    shows: (step) => shownBy(shown(step)),
  },
);
