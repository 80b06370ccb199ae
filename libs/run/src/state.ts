import type { Failure } from '@interlock/contracts';
import type { InfluenceFacts } from '@interlock/language';
import type { Approval } from './approval/state.js';
import type { CallState, RequestState } from './call/state.js';
import type { Erasure } from './erasure/state.js';
import type { OpenChild } from './family/state.js';
import type { ApprovalIndex, CallIndex, RequestIndex, StepIndex, WriteIndex } from './indices.js';
import type { Parked } from './ladder/roles.js';
import type { Cancelling, Origin, Paused, RunEnd, RunParking, Signal, Spent } from './life/state.js';
import type { EarlierCall, Migration } from './migration/state.js';
import type { Rollback, Write } from './rollback/state.js';
import type { ScopeState } from './scope/scope.state.js';
import type { StepState } from './step/state.js';
import type { Tree } from './tree.js';

/** Rises whenever the same events would fold to another state. Checkpoints of record name it. */
export const STATE_VERSION = 11;

/**
 * A run as the fold of its events: immutable, plain JSON, structurally shared. What an event does not touch keeps its
 * identity. Lists other than the trees hold only what is open, so no event costs more in a long run than in a short one.
 */
export interface RunState {
  readonly origin: Origin;
  /** Of the last event. */
  readonly seq: number;
  /** Of the last event, UTC ms. */
  readonly time: number;
  /**
   * The steps of the workflow by their position in it, then those of every turn of a body in the order in which the turns were opened.
   * An empty place is a step that nothing has happened to, or one whose turn is over.
   */
  readonly steps: Tree<StepState, StepIndex>;
  /** Turns of bodies that are open, in the order of their steps. */
  readonly scopes: readonly ScopeState[];
  /** The pivot step that has completed: behind it nothing is undone. */
  readonly pivot: string | null;
  /**
   * Every call of a step, an agent, a compensation or a verification, in the order of their first requests. Of a turn that is over only
   * the writes stay.
   */
  readonly calls: Tree<CallState, CallIndex>;
  /** Every call request in the order of its event, as long as its call is there. */
  readonly requests: Tree<RequestState, RequestIndex>;
  /** Everything people were asked, in the order of its event, as long as what they were asked about is there. */
  readonly approvals: Tree<Approval, ApprovalIndex>;
  /** Every write of a step that happened, or that people went on from without knowing, in the order of the record of it. */
  readonly writes: Tree<Write, WriteIndex>;
  /** Steps that have started and are not closed. */
  readonly active: readonly StepIndex[];
  /** Steps that may start. */
  readonly ready: readonly StepIndex[];
  /** Requests without an answer. */
  readonly openRequests: readonly RequestIndex[];
  /** Approvals that are neither settled nor unneeded. */
  readonly openApprovals: readonly ApprovalIndex[];
  /** Agent steps with a request to the planner that nobody has answered. */
  readonly openPlans: readonly StepIndex[];
  /** Children that have not ended. Absent: it never had one. */
  readonly children?: readonly OpenChild[];
  /** How many it has started. */
  readonly childrenStarted?: number;
  /** Requests that were performed before their verdict was recorded here. */
  readonly unjudged: readonly RequestIndex[];
  /** Number of steps of the workflow itself that completed or were skipped. */
  readonly closed: number;
  readonly spent: Spent;
  /** From which follows what a model has influenced. */
  readonly influence: InfluenceFacts;
  /** Ids of the commands this run has answered. */
  readonly commands: readonly string[];
  /** Signals that no step has taken yet, oldest first. */
  readonly signals: readonly Signal[];
  readonly cancelling: Cancelling | null;
  readonly paused: Paused | null;
  readonly parked: RunParking | null;
  /** What others than the first are to look at, of what waits for an operator. Absent: nothing was ever. */
  readonly risen?: readonly Parked[];
  /** Its service level was missed. */
  readonly breached?: true;
  /** The first failure that nothing caught: the run is ending because of it. */
  readonly failed: { readonly step?: string; readonly failure: Failure } | null;
  /** What happened is being undone: nothing else is open any more. */
  readonly rollback: Rollback | null;
  readonly end: RunEnd | null;
  /** Seq of the event that took it up again after its last end. */
  readonly reopened?: number;
  /** When it went on as another version of its workflow says. Absent: never. */
  readonly migrations?: readonly Migration[];
  /** An earlier version had models that may act: what would have counted there is noted on, as policy does. Absent: none had. */
  readonly hadModels?: true;
  /** How calls were made under earlier versions that say otherwise. Absent: none was. */
  readonly earlier?: readonly EarlierCall[];
  /** Ids under which steps have made calls that are called otherwise since. Absent: none. */
  readonly retired?: readonly string[];
  /** What it keeps outside of the log is erased. Absent: it is there. */
  readonly erasure?: Erasure;
  /** It had completed, and undoes what it did because the run above does. */
  readonly undoing?: true;
}
