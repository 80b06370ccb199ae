import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import type { Work } from '../state.js';
import { stepAt } from '../steps.js';

/** What a wait step waits for. */
export interface WaitWork extends Work {
  readonly kind: 'wait';
  readonly until?: number;
  readonly signal?: string;
}

const isWait = (work: Work | undefined): work is WaitWork => work?.kind === 'wait';

/** undefined: it has not started. */
export function waitOf(state: RunState, step: StepIndex): WaitWork | undefined {
  const { work } = stepAt(state, step);
  return isWait(work) ? work : undefined;
}
