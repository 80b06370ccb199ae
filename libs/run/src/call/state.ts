import type { CallOutcome, CallRevoked, Failure, MessageOf, StopNote } from '@interlock/contracts';
import type { ApprovalIndex, CallIndex, RequestIndex, StepIndex, WriteIndex } from '../indices.js';

/** What a call belongs to. */
export type Owner =
  | { readonly kind: 'step'; readonly step: StepIndex }
  /** A proposal of a model: the call at `index` of its round. `tool`: index in the list of the step. */
  | {
      readonly kind: 'agent';
      readonly step: StepIndex;
      readonly round: number;
      readonly index: number;
      readonly tool: number;
    }
  /** It undoes the write. */
  | { readonly kind: 'compensation'; readonly write: WriteIndex }
  /** It asks what became of the call in doubt. */
  | { readonly kind: 'verification'; readonly call: CallIndex }
  /** A write of a turn of a body that is over: of the step that stood at this position of it. `under`: the outermost step around. */
  | {
      readonly kind: 'past';
      readonly path: string;
      readonly body: number;
      readonly position: number;
      /** Of an agent step: index in its list. */
      readonly tool?: number;
      readonly under: StepIndex;
    };

/** What a request is for. */
export interface For {
  readonly owner: Owner;
  /** The call that the owner has under way; a request for another call begins a new one. */
  readonly call?: CallIndex | undefined;
  /** The granted approval that the request names. */
  readonly approval?: ApprovalIndex | undefined;
}

/** Since when a call fails of what may pass, UTC ms, and how long of that its attempts were held back: that time does not count. */
export interface Retrying {
  readonly since: number;
  readonly heldMs: number;
}

/** One use of one tool with one set of arguments: all attempts of it. */
export interface CallState {
  readonly owner: Owner;
  readonly hash: string;
  readonly occurrence: number;
  readonly generation: number;
  readonly arguments: unknown;
  /** Its latest request, and how many there were. */
  readonly request: RequestIndex;
  readonly requests: number;
  /** Failures that count against the attempts. */
  readonly failures: number;
  /** It fails of what may pass. Absent: it has not yet. */
  readonly retrying?: Retrying;
  readonly refusals: number;
  /** How often its outcome was in doubt. */
  readonly doubts: number;
  /** How often an attempt has ended the process that ran it. */
  readonly deaths: number;
  /** The attempt whose outcome is not known. */
  readonly doubt?: Doubt;
  /** The latest approval for exactly this call. */
  readonly approval?: ApprovalIndex;
  /**
   * Under an earlier version of the workflow, which says how it is made: index in `earlier` of the run, and the path of its step then. Absent:
   * its step says so.
   */
  readonly made?: { readonly as: number; readonly step: string };
  /** UTC ms at which it was requested, parked or taken up again. */
  readonly since: number;
  readonly at: CallPhase;
}

export interface Doubt {
  readonly request: RequestIndex;
  readonly deadline: number;
}

/** The phase of a call. `transitions.ts` has the transitions. */
export type CallPhase =
  /** Its request is open. `known`: a late success came meanwhile, and is the answer once the repetition has ended. */
  | { readonly phase: 'requested'; readonly known?: Happened }
  /** Between two events of one decision. */
  | { readonly phase: 'idle' }
  | { readonly phase: 'retry'; readonly due: number }
  /** Requested again once this stop is lifted. */
  | { readonly phase: 'stopped'; readonly stop: StopNote }
  /** People are asked. */
  | { readonly phase: 'approval' }
  /** In doubt until `due`: then the verify tool is asked. */
  | { readonly phase: 'settling'; readonly due: number }
  /** In doubt until `due`: then a person is asked. */
  | { readonly phase: 'asking'; readonly due: number }
  /** In doubt, and this call asks what has become of it. */
  | { readonly phase: 'verifying'; readonly verification: CallIndex }
  /** A person decides. */
  | { readonly phase: 'person'; readonly failure: Failure }
  | Happened
  /** A person went on without knowing. */
  | { readonly phase: 'abandoned' }
  /** Taken back: what it was made from has changed, and another call may take its place. */
  | { readonly phase: 'dropped' };

export interface Happened {
  readonly phase: 'happened';
  /** Absent: what it answered breaks its contract. */
  readonly output?: unknown;
  /** The output differs from the one on record of its request. */
  readonly derived?: true;
  /** The check of the outcome, by the seq of its event. Absent: nobody has asked for it, or it was denied. */
  readonly check?: { readonly seq: number; readonly isAllowed: boolean };
}

export interface RequestState {
  /** Of its `call.requested`; the requestId is the id of that event. */
  readonly seq: number;
  /** UTC ms. */
  readonly requestedAt: number;
  readonly call: CallIndex;
  /** It is made to clear up a doubt. */
  readonly recovery: boolean;
  readonly needs: readonly string[];
  readonly notAfter: number;
  readonly timeoutMs: number;
  readonly microUsd: number;
  /** It counts as a call of its tool. */
  readonly counted?: true;
  /** The granted approval that it names. */
  readonly approval?: ApprovalIndex;
  readonly verdict?: 'allow' | 'deny' | 'approval';
  /** It turned out to have happened after the run had gone on without it. */
  readonly late?: true;
  readonly at: RequestPhase;
}

export type Revocation = MessageOf<typeof CallRevoked>['data']['because'];

export interface Unanswered {
  readonly overdue?: true;
  /** What it waits for at the executor. */
  readonly awaits?: string;
  /** Since when that is its target, which is away, or its tool, which nobody has, UTC ms. */
  readonly heldSince?: number;
  /** It is the tool. */
  readonly unavailable?: true;
}

export type RequestPhase =
  | ({ readonly status: 'open' } & Unanswered)
  /** Revoked; the executor still says whether that came in time. */
  | ({ readonly status: 'revoked'; readonly because: Revocation } & Unanswered)
  | {
      readonly status: 'answered';
      readonly outcome: CallOutcome['kind'];
      readonly revoked?: Revocation;
    }
  /** A verdict ended it: its executor answers nothing. */
  | { readonly status: 'closed'; readonly revoked?: Revocation };
