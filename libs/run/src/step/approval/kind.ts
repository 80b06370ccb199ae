import { approvalWait } from '../../approval/waiting.js';
import { stepIn } from '../../scope/workflow.index.js';
import type { StepKind } from '../kind.js';
import { stepAt } from '../steps.js';
import { startApproval } from './start.js';
import { questionOf } from './work.js';

/** Asks people what the workflow wants to know of them. */
export const approvalKind: StepKind = {
  starts: { 'approval.requested': ['waiting'] },
  expressions: (definition) =>
    definition.kind === 'approval' ? [definition.approval.question, definition.approval.details] : [],
  start: startApproval,
  wait(state, step, tell) {
    const { work, since } = stepAt(state, step);
    const { id } = stepIn(state, step).definition;
    const question = questionOf(work);
    return question === undefined
      ? tell('call', 'its turn', state.origin.deadline)
      : approvalWait(state, id, since, question);
  },
};
