import type { Failure } from '@interlock/contracts';

export interface StepState {
  /** UTC ms of the last change of status. */
  readonly since: number;
  /** Needs that have neither completed nor been skipped. */
  readonly unmet: number;
  readonly generation: number;
  /** Of the steps in its turns, where one of them was begun anew: the highest, over all its turns. */
  readonly below?: number;
  readonly startedAt?: number;
  /** A fallback that was called upon. */
  readonly wanted?: true;
  /** Who sent what it took, retried it, skipped it or answered its question. */
  readonly shapedBy?: readonly string[];
  /** Of a step with a service level, once it has started. `over`: nothing follows from it any more. */
  readonly sla?: { readonly due: number; readonly at: 'running' | 'breached' | 'over' };
  /** What its kind keeps of it. Absent: it has not started, or its kind keeps nothing. */
  readonly work?: Work;
  readonly at: StepPhase;
}

/** What a kind of step keeps: it knows its own, and nobody else looks into it. */
export interface Work {
  readonly kind: string;
  /** Stands for the list that a `forEach` goes over, for as long as it does. */
  readonly list?: { readonly items: number };
}

export type StepPhase =
  | { readonly status: 'pending' | 'running' | 'waiting' }
  /** A person decides. */
  | { readonly status: 'parked'; readonly failure: Failure }
  /** Its fallback acts in its stead, or the value of its `onFailure` does. */
  | { readonly status: 'fell_back'; readonly failure: Failure }
  /** `insteadOf`: the failure that the output stands in for. */
  | { readonly status: 'completed'; readonly output: unknown; readonly insteadOf?: Failure }
  | { readonly status: 'failed'; readonly failure: Failure }
  /** `output`: what its call gave, where a person went on from it. */
  | { readonly status: 'skipped'; readonly output?: unknown };

export type StepStatus = StepPhase['status'];
