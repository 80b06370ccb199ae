import type { Amounts, Failure, InheritedInfluence } from '@interlock/contracts';
import { isEndingAt } from '../scope/scopes.js';
import type { RunState } from '../state.js';
import { stepNamed } from '../step/steps.js';

/** A child that has not ended, or that its step only starts. */
export interface OpenChild {
  readonly runId: string;
  /** Path of the step that started it. */
  readonly step: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  /** Reserved for it. Absent: it is detached. */
  readonly budget?: Amounts;
  readonly deadline?: number;
  readonly at: ChildPhase;
  /** It was told to end. */
  readonly cancel?: {
    readonly because: 'ending' | 'timeout';
    readonly reason: string;
    readonly rollback: boolean;
  };
}

export type ChildPhase =
  | {
      readonly phase: 'requested';
      readonly input: unknown;
      readonly inherited?: readonly InheritedInfluence[];
      readonly shapedBy: readonly string[];
    }
  | { readonly phase: 'started' };

export const openChildren = ({ children = [] }: RunState): readonly OpenChild[] => children;

export const openChild = (state: RunState, runId: string): OpenChild | undefined =>
  openChildren(state).find((child) => child.runId === runId);

/** Children that have to end because the run does, or the turn of the step that started them, and were not told so. */
export const childrenToCancel = (state: RunState): readonly OpenChild[] =>
  openChildren(state).filter(
    ({ step, budget, cancel }) =>
      budget !== undefined && cancel === undefined && isEndingAt(state, stepNamed(state, step)),
  );

/** Whether the run was started by another one, which waits for its end. */
export const hasWaitingParent = ({ origin: { parent } }: RunState): boolean =>
  parent !== undefined && parent.detached !== true;

/** Of a run that has not completed. */
export const failureOfEnd = (failure: Failure | undefined, child: string, message: string): Failure => ({
  class: 'cancelled',
  code: 'child.ended',
  ...failure,
  message: `child ${child}: ${failure?.message ?? message}`.slice(0, 4_000),
});
