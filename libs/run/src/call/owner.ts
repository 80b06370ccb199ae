import type {
  ApprovalRequirement,
  CallRequested,
  Compensation,
  Failure,
  MessageOf,
} from '@interlock/contracts';
import type { ToolPin } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import type { CallState, RequestState, RunState } from '../state.js';

/** Which proposal of a model a call stands in. */
export type Proposer = NonNullable<MessageOf<typeof CallRequested>['data']['agent']>;

/** Why policy asks people. */
export interface Demand {
  readonly approval: ApprovalRequirement;
  readonly policies: readonly string[];
  readonly reason: string;
}

/**
 * What a call belongs to: a step of the workflow, a round of an agent, or the undoing of a write. A call says what has become of it
 * and asks what it may; it knows nothing else of its owner. `place` is where the call stands.
 */
export interface CallOwner {
  /** As requests for the call name it. */
  readonly purpose: 'step' | 'compensate';
  /** Whether neither the end of the run, nor its deadline, nor its budgets stop it (I7: it is counted apart). */
  readonly outlastsRun: boolean;
  /** Whether the next call may be requested in the same decision as this call's after-check. */
  readonly leadsOn: boolean;

  /** The step of the workflow that it is made for, whose time it has; undefined: it follows from the whole run. */
  step(state: RunState, place: StepIndex): StepIndex | undefined;
  /** Above 1 for a call that was meant again. */
  occurrence(state: RunState, place: StepIndex): number;
  /** It happened, and its outcome is allowed. */
  happened(draft: DecisionDraft, place: StepIndex): undefined;
  /** It came to nothing. */
  failed(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined;
  /** It was parked for `failure`, and a person let the run go on without its output. */
  skipped(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined;
  /** Policy allows this call only if people approve it. */
  demanded(draft: DecisionDraft, ordinal: RequestIndex, demand: Demand): undefined;
  /** Whether people are asked how to go on where all attempts have failed for a reason that they can remove. */
  asksPeople(draft: DecisionDraft, place: StepIndex): boolean;
  /** What stands in its own budget against one request more; undefined: nothing. */
  refuse(draft: DecisionDraft, place: StepIndex, pin: ToolPin): Failure | undefined;
  /** Which proposal it stands in; undefined: no model proposed it. */
  proposer(draft: DecisionDraft, place: StepIndex): Proposer | undefined;
}

/** The owner of the call at a place. */
export type OwnerAt = (state: RunState, place: StepIndex) => CallOwner;

/** What the fold of a call tells its owner, who keeps the accounts. */
export interface CallLedger {
  /** A request may cost this much, millionths of a dollar, and reserves this many of the run's tool calls. */
  reserve(state: RunState, cost: number, toolCalls: number): RunState;
  /** The request has ended; `performed`: a tool was called, and it has cost that much. */
  settle(state: RunState, place: StepIndex, cost: number, performed: boolean): RunState;
  /** What was requested has happened; `compensation` undoes it. */
  happened(state: RunState, callRequest: RequestState, compensation?: Compensation): RunState;
  /** A person went on from it. `abandoned`: without knowing whether it has happened. */
  skip(state: RunState, place: StepIndex, abandoned: CallState | undefined): RunState;
}

export type LedgerAt = (state: RunState, place: StepIndex) => CallLedger;
