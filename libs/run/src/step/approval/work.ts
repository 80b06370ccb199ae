import type { ApprovalIndex } from '../../indices.js';
import type { Work } from '../state.js';

interface QuestionWork extends Work {
  readonly kind: 'approval';
  readonly question: ApprovalIndex;
}

export const asking = (question: ApprovalIndex): QuestionWork => ({ kind: 'approval', question });

const isQuestion = (work: Work | undefined): work is QuestionWork => work?.kind === 'approval';

/** What people are asked by an approval step; undefined: nothing yet, or it is of another kind. */
export const questionOf = (work: Work | undefined): ApprovalIndex | undefined =>
  isQuestion(work) ? work.question : undefined;
