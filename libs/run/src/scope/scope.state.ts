import type { Failure, StepPath } from '@interlock/contracts';
import type { ApprovalIndex, CallIndex, RequestIndex, StepIndex } from '../indices.js';

/** Which turn of a body: an item of `forEach`, from 0; a pass of `repeat`, from 1; a branch of `switch`, from 0. */
export type Turn = { readonly item: number } | { readonly pass: number } | { readonly branch: number };

/** Where a turn stands. Never changes while it is open. */
export interface Place {
  /** Number of its body in the workflow. */
  readonly body: number;
  /** How many steps it has: they follow `base`. */
  readonly size: number;
  /** The first of its steps. */
  readonly base: StepIndex;
  /** The step whose body it is. */
  readonly owner: StepIndex;
  readonly turn: Turn;
  /** Its steps are called `path/id`: `lines[17]`. */
  readonly path: StepPath;
  /** Of the owner: what is made again is another call. */
  readonly generation: number;
}

/** A turn of a body that is open. */
export interface ScopeState {
  readonly place: Place;
  /** UTC ms. */
  readonly since: number;
  /** Number of its steps that completed or were skipped. */
  readonly closed: number;
  /** Its calls, their requests and what people are asked in it have these indices, or later ones. */
  readonly calls: CallIndex;
  readonly requests: RequestIndex;
  readonly approvals: ApprovalIndex;
  /** Nothing new starts in it: a step of it failed, or its turn is not wanted any more. */
  readonly ending?:
    | { readonly kind: 'failed'; readonly step: string; readonly failure: Failure }
    | { readonly kind: 'stopped' };
}
