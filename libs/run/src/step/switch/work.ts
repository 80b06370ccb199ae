import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { type BodyWork, bodyOf, type Outcome } from '../body/work.js';
import type { Work } from '../state.js';

interface SwitchWork extends BodyWork {
  readonly kind: 'switch';
  /** What the branch has given. */
  readonly given?: { readonly output: unknown };
}

const isSwitch = (work: Work | undefined): work is SwitchWork => work?.kind === 'switch';

export function switchOf(state: RunState, step: StepIndex): SwitchWork | undefined {
  const work = bodyOf(state, step);
  return isSwitch(work) ? work : undefined;
}

export const begunSwitch = (): SwitchWork => ({ kind: 'switch', body: true, open: 0 });

export const openedBranch = (work: BodyWork): BodyWork => ({ ...work, open: 1 });

export const closedBranch = (work: BodyWork, outcome: Outcome): BodyWork =>
  isSwitch(work) ? withOutcome(work, outcome) : work;

function withOutcome(work: SwitchWork, outcome: Outcome): SwitchWork {
  const left = { ...work, open: 0 };
  if (outcome.kind === 'stopped') return left;
  if (outcome.kind === 'failed') return { ...left, stopping: work.stopping ?? outcome.failure };
  return { ...left, given: { output: outcome.output } };
}
