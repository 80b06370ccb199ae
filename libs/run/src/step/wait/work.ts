import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import type { Work } from '../state.js';
import { stepAt } from '../steps.js';

/** What a wait step waits for; undefined: it has not started. */
export function waitOf(state: RunState, step: StepIndex): Extract<Work, { kind: 'wait' }> | undefined {
  const { work } = stepAt(state, step);
  return work?.kind === 'wait' ? work : undefined;
}
