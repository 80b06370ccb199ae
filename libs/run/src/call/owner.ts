import type {
  ApprovalRequirement,
  CallOutcome,
  CallRequested,
  Compensation,
  Failure,
  MessageOf,
} from '@interlock/contracts';
import type { ToolPin } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, RequestIndex, StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { CallState } from './state.js';

type Requested = MessageOf<typeof CallRequested>['data'];

/** Which proposal of a model a call stands in. */
export type Proposer = NonNullable<Requested['agent']>;

/** Why policy asks people. */
export interface Demand {
  readonly approval: ApprovalRequirement;
  readonly policies: readonly string[];
  readonly reason: string;
}

/** What the executor has answered to a request, and how the call stood before that was recorded. */
export interface Attempt {
  readonly request: RequestIndex;
  readonly outcome: CallOutcome;
  readonly before: CallState;
  /** Of the record. */
  readonly eventId: string;
}

/**
 * What a call belongs to: a step of the workflow, a round of an agent, the undoing of a write, or a call in doubt that it is to
 * verify. A call reports its outcome and asks what it may do; it knows nothing else about its owner.
 */
export interface CallOwner {
  /** As requests for the call name it. */
  readonly purpose: Requested['purpose'];
  /** Whether it goes on regardless of the run's end, deadline and budgets (I7: it is counted apart). */
  readonly outlastsRun: boolean;
  /** Whether it is made to clear up a doubt: then it is requested whatever the deadline says, and nothing late changes it. */
  readonly clearsDoubt: boolean;
  /** Whether the next call may be requested in the same decision as this call's after-check. */
  readonly leadsOn: boolean;

  /** The step of the workflow that it is made for, whose time it has; undefined: it follows from the whole run. */
  step(state: RunState, call: CallIndex): StepIndex | undefined;
  /** Whether the outcome of an attempt brings the output of a call that has happened: that is checked. */
  gives(draft: DecisionDraft, call: CallIndex, outcome: CallOutcome): boolean;
  /** What follows from the outcome of an attempt. */
  attempted(draft: DecisionDraft, call: CallIndex, attempt: Attempt): undefined;
  /** It happened, and its outcome is allowed. */
  happened(draft: DecisionDraft, call: CallIndex): undefined;
  /** The call failed. */
  failed(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined;
  /** It was parked for `failure`, and a person let the run go on without its output. */
  skipped(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined;
  /** Policy allows this call only if people approve it. */
  demanded(draft: DecisionDraft, request: RequestIndex, demand: Demand): undefined;
  /** Whether people are asked how to go on where all attempts have failed for a reason that they can remove. */
  asksPeople(draft: DecisionDraft, call: CallIndex): boolean;
  /** Why its own budget does not allow one more request; undefined: it does. */
  refuse(draft: DecisionDraft, call: CallIndex, pin: ToolPin): Failure | undefined;
  /** Extra fields of its requests: which model proposed it, or which write in doubt it asks about. */
  mark(draft: DecisionDraft, call: CallIndex): Pick<Requested, 'agent' | 'verifies'>;
}

/** The owner of a call. */
export type OwnerAt = (state: RunState, call: CallIndex) => CallOwner;

/** What the fold of a call tells its owner, who keeps the accounts. */
export interface CallLedger {
  /** A request may cost this much, millionths of a dollar, and reserves this many of the run's tool calls. */
  reserve(state: RunState, call: CallIndex, cost: number, toolCalls: number): RunState;
  /** The request has ended; `performed`: a tool was called, and it has cost that much. */
  settle(state: RunState, call: CallIndex, cost: number, performed: boolean): RunState;
  /** It is under way: a request of it is open. */
  requested(state: RunState, call: CallIndex): RunState;
  /** It has happened; `compensation` undoes it. */
  happened(state: RunState, call: CallIndex, compensation?: Compensation): RunState;
  /** A person need not decide on it any more. */
  unparked(state: RunState, call: CallIndex): RunState;
  /** It was dropped: what it was made from has changed. */
  dropped(state: RunState, call: CallIndex): RunState;
  /** A person skipped it; `abandoned`: without knowing whether it happened. */
  skipped(state: RunState, call: CallIndex): RunState;
}

export type LedgerAt = (state: RunState, call: CallIndex) => CallLedger;
