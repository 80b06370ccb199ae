import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import type { Work } from '../state.js';
import { stepAt } from '../steps.js';

/** What a form step asks, until it has its answer. */
export interface FormWork extends Work {
  readonly kind: 'form';
  readonly question: string;
  readonly details?: unknown;
  readonly until: number;
  /** What a person gave, between the record of it and the end of the step. */
  readonly answer?: { readonly value: unknown };
}

const isForm = (work: Work | undefined): work is FormWork => work?.kind === 'form';

/** undefined: it asks nobody. */
export function formOf(state: RunState, step: StepIndex): FormWork | undefined {
  const { work } = stepAt(state, step);
  return isForm(work) ? work : undefined;
}
