import type { StepIndex } from '../../indices.js';
import type { RunState } from '../../state.js';
import { type BodyWork, bodyOf, type Outcome } from '../body/work.js';
import type { Work } from '../state.js';

export interface RepeatWork extends BodyWork {
  readonly kind: 'repeat';
  /** Passes that were begun. */
  readonly passes: number;
  /** When the latest began, UTC ms. */
  readonly since: number;
  /** What the latest that has ended gave, and whether no other follows. */
  readonly last?: { readonly output: unknown; readonly done: boolean };
}

const isRepeat = (work: Work | undefined): work is RepeatWork => work?.kind === 'repeat';

export function repeatOf(state: RunState, step: StepIndex): RepeatWork | undefined {
  const work = bodyOf(state, step);
  return isRepeat(work) ? work : undefined;
}

export const begunRepeat = (): RepeatWork => ({ kind: 'repeat', body: true, open: 0, passes: 0, since: 0 });

export const openedPass = (work: BodyWork, pass: number, since: number): BodyWork =>
  isRepeat(work) ? begunPass(work, pass, since) : work;

const begunPass = (work: RepeatWork, passes: number, since: number): RepeatWork => ({
  ...work,
  open: 1,
  passes,
  since,
});

export const closedPass = (work: BodyWork, outcome: Outcome): BodyWork =>
  isRepeat(work) ? withOutcome(work, outcome) : work;

function withOutcome(work: RepeatWork, outcome: Outcome): RepeatWork {
  const left = { ...work, open: 0 };
  if (outcome.kind === 'stopped') return left;
  if (outcome.kind === 'failed') return { ...left, stopping: work.stopping ?? outcome.failure };
  return { ...left, last: { output: outcome.output, done: outcome.done === true } };
}
