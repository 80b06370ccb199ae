import type {
  ApprovalRequirement,
  CallOutcome,
  CastVoteRecord,
  Failure,
  Identity,
  StopNote,
} from '@interlock/contracts';
import type { CompiledWorkflow, InfluenceFacts } from '@interlock/language';
import type { Acting, AgentState } from './agent/state.js';
import type { ApprovalIndex, RequestIndex, StepIndex, WriteIndex } from './indices.js';
import type { Rollback, Write } from './rollback/state.js';
import type { Tree } from './tree.js';

/** Rises whenever the same events would fold to another state. Checkpoints of record name it. */
export const STATE_VERSION = 5;

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
   * By place in the compiled workflow; an empty place is a step that nothing has happened to. Behind the workflow's own
   * places each call of an agent and each compensation gets one, in the order in which they were requested.
   */
  readonly steps: Tree<StepState, StepIndex>;
  /** Every call request in the order of its event. */
  readonly requests: Tree<RequestState, RequestIndex>;
  /** Everything people were asked, in the order of its event. */
  readonly approvals: Tree<Approval, ApprovalIndex>;
  /** Every write of a step that happened, or that people went on from without knowing, in the order of the record of it. */
  readonly writes: Tree<Write, WriteIndex>;
  /** Places of steps that have started and are not closed. */
  readonly active: readonly StepIndex[];
  /** Places of steps that may start. */
  readonly ready: readonly StepIndex[];
  /** Ordinals of requests without an answer. */
  readonly openRequests: readonly RequestIndex[];
  /** Ordinals of approvals that are neither settled nor unneeded. */
  readonly openApprovals: readonly ApprovalIndex[];
  /** Places of agent steps with a request to the planner that nobody has answered. */
  readonly openPlans: readonly StepIndex[];
  /** Ordinals of requests that were performed before their verdict was recorded here. */
  readonly unjudged: readonly RequestIndex[];
  /** Number of steps that completed or were skipped. */
  readonly closed: number;
  readonly spent: Spent;
  /** From which follows what a model has influenced. */
  readonly influence: InfluenceFacts;
  /** Ids of the commands this run has answered. */
  readonly commands: readonly string[];
  /** Signals that no step has taken yet, oldest first. */
  readonly signals: readonly { readonly name: string; readonly data: unknown; readonly by: string }[];
  readonly cancelling: {
    readonly by: string;
    readonly reason: string;
    readonly at: number;
    readonly rollback: boolean;
  } | null;
  readonly paused: { readonly by: string; readonly reason: string; readonly at: number } | null;
  /** A decision broke: nothing new starts before an operator or the deadline lets it go on. */
  readonly parked: { readonly code: string; readonly on: string; readonly at: number } | null;
  /** The first failure that nothing caught: the run is ending because of it. */
  readonly failed: { readonly step?: string; readonly failure: Failure } | null;
  /** What happened is being undone: nothing else is open any more. */
  readonly rollback: Rollback | null;
  readonly end: RunEnd | null;
}

/** Fixed at the start. */
export interface Origin {
  readonly runId: string;
  readonly rootRunId: string;
  readonly requestHash: string;
  readonly salt: string;
  readonly by: Identity;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly compiled: CompiledWorkflow;
  readonly input: unknown;
  /** The wall-time budget ends here, UTC ms. */
  readonly deadline: number;
  readonly startedAt: number;
}

/** Money is counted in millionths of a dollar, so that sums are exact. */
export interface Spent {
  readonly steps: number;
  readonly toolCalls: number;
  readonly microUsd: number;
  readonly tokens: number;
  readonly reservedTokens: number;
  readonly reservedCalls: number;
  readonly reservedMicroUsd: number;
  /** Of compensations and their verifications, which no budget bounds. */
  readonly undoCalls: number;
  readonly undoMicroUsd: number;
  /** Budgets whose 80 % was announced. */
  readonly warned: readonly string[];
}

export type StepStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'parked'
  | 'fell_back'
  | 'completed'
  | 'failed'
  | 'skipped';

export interface StepState {
  readonly status: StepStatus;
  /** UTC ms of the last change of status. */
  readonly since: number;
  /** Needs that have neither completed nor been skipped. */
  readonly unmet: number;
  readonly generation: number;
  readonly startedAt?: number;
  /** A fallback that was called upon. */
  readonly wanted?: true;
  /** Of a compensation: ordinal of the write. */
  readonly undoes?: WriteIndex;
  /** Of an agent step. */
  readonly agent?: AgentState;
  /** Of a call that an agent proposed. */
  readonly acts?: Acting;
  readonly call?: CallState;
  readonly verify?: VerifyState;
  /** Ordinal of the approval that an approval step waits for. */
  readonly question?: ApprovalIndex;
  /** The after-check without a verdict: seq of its event. */
  readonly check?: number;
  /** The after-check allowed. */
  readonly checked?: true;
  /** The output differs from the recorded one of the step's call. */
  readonly derived?: true;
  readonly output?: unknown;
  readonly failure?: Failure;
  readonly parked?: 'in_doubt' | 'escalated' | 'denied';
  readonly wait?: { readonly until?: number; readonly signal?: string };
  /** Who sent what it took, retried it, skipped it or answered its question. */
  readonly shapedBy?: readonly string[];
}

/**
 * requested: its request is open. idle: between two events of one decision. retry: requested again at `due`. approval: people
 * are asked. settling, asking: in doubt until `due`, then the verify tool or a person is asked. verifying: the verify
 * tool's request is open. person: parked.
 */
export type CallPhase =
  | 'requested'
  | 'idle'
  | 'retry'
  | 'approval'
  | 'settling'
  | 'asking'
  | 'verifying'
  | 'person'
  | 'over';

export interface CallState {
  readonly hash: string;
  readonly generation: number;
  readonly arguments: unknown;
  readonly phase: CallPhase;
  /** Ordinal of the latest request. */
  readonly callRequest: RequestIndex;
  readonly callRequests: number;
  /** Failures that count against the attempts. */
  readonly failures: number;
  readonly refusals: number;
  /** How often it came into doubt. */
  readonly doubts: number;
  /** How often an attempt has ended the process that ran it. */
  readonly deaths: number;
  /** The attempt whose outcome is not known. */
  readonly doubt?: { readonly callRequest: RequestIndex; readonly deadline: number };
  readonly due?: number;
  /** It falls under this stop: requested again once that is lifted, in place of `due`. */
  readonly stop?: StopNote;
  /** Ordinal of the latest approval for exactly this call. */
  readonly approval?: ApprovalIndex;
  /** A late success that came while a repetition was open: the answer once that has ended. */
  readonly known?: { readonly output: unknown };
  /** `abandoned`: a person went on without knowing. */
  readonly result?: 'happened' | 'failed' | 'abandoned';
}

export interface VerifyState {
  readonly hash: string;
  readonly callRequest: RequestIndex;
  readonly callRequests: number;
  readonly failures: number;
  /** Ordinal of the latest approval for exactly this verification. */
  readonly approval?: ApprovalIndex;
}

export interface RequestState {
  /** Of its `call.requested`; the requestId is the id of that event. */
  readonly seq: number;
  readonly at: number;
  readonly step: StepIndex;
  readonly hash: string;
  readonly generation: number;
  readonly effect: 'read' | 'write';
  readonly purpose: 'step' | 'verify' | 'compensate';
  readonly recovery: boolean;
  readonly needs: readonly string[];
  readonly notAfter: number;
  readonly timeoutMs: number;
  readonly microUsd: number;
  /** Ordinal of the granted approval it names. */
  readonly approval?: ApprovalIndex;
  readonly open: boolean;
  readonly verdict?: 'allow' | 'deny' | 'approval';
  readonly revoked?: 'cancelled' | 'timeout' | 'redacted' | 'answered';
  readonly overdue?: true;
  /** What it waits for at the executor. */
  readonly awaits?: string;
  /** It turned out to have happened after the run had gone on without it. */
  readonly late?: true;
  readonly outcome?: CallOutcome['kind'];
}

/**
 * requested: the approval service has not answered yet. void: granted by votes that do not meet the requirement, or for
 * another call. unneeded: the run has gone on without it.
 */
export type ApprovalStatus =
  | 'requested'
  | 'open'
  | 'unneeded'
  | 'granted'
  | 'void'
  | 'denied'
  | 'expired'
  | 'withdrawn';

export interface Approval {
  /** Of its `approval.requested`; the approvalId ends in it. */
  readonly seq: number;
  readonly step: StepIndex;
  /** Of the call or the question. */
  readonly hash: string;
  readonly purpose: RequestState['purpose'] | 'question';
  readonly requirement: ApprovalRequirement;
  /** Whose votes do not count. */
  readonly shapedBy: readonly string[];
  readonly status: ApprovalStatus;
  readonly votes: readonly CastVoteRecord[];
  readonly openedAt?: number;
  readonly expiresAt?: number;
  readonly reminded?: true;
  readonly escalated?: true;
}

export interface RunEnd {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'rolled_back' | 'escalated';
  readonly at: number;
  readonly output?: unknown;
  readonly success?: boolean;
  readonly failure?: Failure;
  readonly step?: string;
  /** Requests for writes, for outcomes that come late: what the run knew of their calls. */
  readonly writes: readonly { readonly seq: number; readonly step: string; readonly happened: boolean }[];
  /** Calls that turned out to have happened after the run had ended otherwise. */
  readonly late: readonly { readonly step: string; readonly callHash: string }[];
}
