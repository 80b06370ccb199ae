import type { Failure } from '@interlock/contracts';
import type { StepIndex } from '../../indices.js';
import type { Reading } from '../../scope/scope.js';
import type { Turn } from '../../scope/scope.state.js';
import type { RunState } from '../../state.js';
import type { Work } from '../state.js';
import { setStep, stepAt } from '../steps.js';

/** What a step that has a body keeps of its turns. */
export interface BodyWork extends Work {
  readonly body: true;
  /** Turns that are open. */
  readonly open: number;
  /** No more turns are opened: the step fails with this once none is open. */
  readonly stopping?: Failure;
}

/** How a turn has ended. */
export type Outcome =
  | { readonly kind: 'completed'; readonly output: unknown; readonly done?: true | undefined }
  | { readonly kind: 'failed'; readonly at: string; readonly failure: Failure }
  | { readonly kind: 'stopped' };

/** What is particular to the turns of a kind of step. */
export interface Turns {
  /** What it keeps when it starts. @param earlier what it kept of an earlier start, if anything */
  begin(items: number | undefined, earlier: Work | undefined): BodyWork;
  opened(work: BodyWork, turn: Turn, time: number): BodyWork;
  closed(work: BodyWork, turn: Turn, outcome: Outcome): BodyWork;
  /** The item is done and stays so when the step begins anew. Absent: every turn is made again. */
  keeps?(work: Work | undefined, item: number | undefined): boolean;
  /** A name that expressions in a turn know, and what it stands for. */
  local?(
    state: RunState,
    owner: StepIndex,
    turn: Turn,
    values: Reading,
  ): { readonly name: string; readonly value: unknown } | undefined;
  /** CEL that says, at the end of a turn, whether another one follows. */
  until?(state: RunState, owner: StepIndex): string;
}

const isBody = (work: Work | undefined): work is BodyWork => work !== undefined && 'body' in work;

/** What its turns gave is the output of the step from now on. */
export function leaveBody(state: RunState, step: StepIndex): RunState {
  const { work, ...rest } = stepAt(state, step);
  return isBody(work) ? setStep(state, step, rest) : state;
}

/** undefined: it has not started, or has no body. */
export function bodyOf(state: RunState, step: StepIndex): BodyWork | undefined {
  const { work } = stepAt(state, step);
  return isBody(work) ? work : undefined;
}
