import type { StoredRecord } from '@interlock/broker';
import type { BulkRun, EVERY_TENANT } from '@interlock/contracts';
import type { RunPredicate } from '@interlock/language';
import type { Position } from '@interlock/log';
import type { ApprovalRecord } from './approval.fold.js';
import type { OwnStart } from './run.view.js';

/** What is known of a run: its `Run` as JSON, ready to be sent. */
export interface KnownRun {
  readonly body: string;
  readonly status: string;
  readonly requestHash: string;
  readonly tenant: Tenant;
  /** Of its events; 0: none yet. */
  readonly lastSeq: number;
}

/** Whose a run is; empty: the default one's. */
export type Tenant = string;
/** Of which tenant somebody may see what there is; `*`: of every one. */
export type Reach = Tenant | typeof EVERY_TENANT;

export interface ListRequest {
  readonly reach: Reach;
  readonly status?: string;
  readonly workflow?: string;
  readonly filter?: RunPredicate;
  /** All of these words stand in it. */
  readonly words?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Runs that fit, newest first; `next`: there are more, or more have to be looked at. */
export interface MatchingRuns {
  readonly runs: readonly BulkRun[];
  readonly next?: string;
}

export interface StepsRequest {
  readonly status?: string;
  readonly limit: number;
  /** How many steps to pass over: `next` of the page before. */
  readonly after?: number;
}

export interface ApprovalsRequest {
  readonly reach: Reach;
  readonly status?: string;
  /** Only those that somebody with this role may vote on. */
  readonly role?: string;
  readonly runId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** An approval, and how far its run was read then: what `grown` takes to wait for more. */
export interface KnownApproval {
  readonly approval: ApprovalRecord;
  readonly runSeq: number;
}

/** The event by which a run answered a command. */
export interface CommandAnswer {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface CommandStanding {
  /** How far the run was read: what `grown` takes to wait for more. */
  readonly runSeq: number;
  /** Absent: not answered yet. */
  readonly answer?: CommandAnswer;
}

export type EventForm = 'view' | 'export';

export interface EventPage {
  /** Each event as JSON, in the order of `seq`. */
  readonly items: readonly { readonly seq: number; readonly type: string; readonly json: string }[];
  /** Whether there are more behind the last one now. */
  readonly more: boolean;
}

/** Where to go on reading a partition, and how to see that the log is still the same one. */
export interface InputStart {
  readonly next: number;
  /** Behind the last whole append: what a reader that begins here needs to know of the records in front of it. */
  readonly position: Position;
  readonly last: number;
  /** `h` header of the record at `last`, hexadecimal. */
  readonly link: string;
}

export interface ReadModelStatus {
  readonly applied: number;
  readonly resident: number;
  readonly blocked: readonly (readonly [input: string, reason: string])[];
}

/**
 * The runs and approvals as this gateway has read them. Answers are JSON text where they are only passed on.
 *
 * Kept in a file of this gateway's own (SQLite), or in a Redis that several gateways share; both pass `test/read-model.contract.ts`.
 * Both run in a thread of their own, so that folding and storing never hold up a request. Where the store can go away, reads
 * throw ReadModelUnavailableError.
 */
export interface ReadModel {
  /** Takes the next records of a partition. Later calls see what they say. */
  feed(topic: string, partition: number, records: readonly StoredRecord[]): void;
  /** A start that this gateway has made durable. */
  accept(start: OwnStart): void;
  startOf(topic: string, partition: number): Promise<InputStart>;
  /**
   * Called before `startOf`, at the start and whenever feeding begins anew: what is in memory and not stored is forgotten.
   * @throws {ReadModelUnavailableError} its store does not answer
   */
  resume(): Promise<void>;
  /**
   * Resolves when what was fed before is stored: keeps a long reading from filling the memory.
   * @throws {ReadModelUnavailableError} its store has gone meanwhile: `resume`, and feed again from `startOf`
   */
  drain(): Promise<void>;
  /** `drain`, and from then on reads are answered: all that was in the log at the start has been fed. */
  serve(): Promise<void>;
  /** Resolves with the reason when feeding has to begin anew, from `resume` on; undefined: `signal` came first. */
  lost(signal: AbortSignal): Promise<string | undefined>;
  /** Forgets everything; the next `startOf` is 0. */
  clear(): Promise<void>;
  run(runId: string): Promise<KnownRun | undefined>;
  /**
   * The page as JSON of `{items, next?, asOf}`; it may hold fewer than were asked for, or none, and have a `next`.
   * @throws {FilterUnansweredError} its store has no index for a part of the filter
   */
  list(request: ListRequest): Promise<string>;
  /** The runs of a list, without what they show. @throws as `list` */
  matching(request: ListRequest): Promise<MatchingRuns>;
  approval(approvalId: string): Promise<KnownApproval | undefined>;
  /** The page as JSON of `{items, next?, asOf}`, newest first. */
  approvals(request: ApprovalsRequest): Promise<string>;
  /** undefined: no such run. */
  events(runId: string, after: number, limit: number, form: EventForm): Promise<EventPage | undefined>;
  /** The same as soon as there are any, or when `signal` came: a reader that follows a run asks once for each of its moves. */
  newEvents(
    runId: string,
    after: number,
    limit: number,
    form: EventForm,
    signal: AbortSignal,
  ): Promise<EventPage | undefined>;
  /** The steps of a run as JSON of `{items, next?, lastSeq}`; undefined: no such run. */
  steps(runId: string, request: StepsRequest): Promise<string | undefined>;
  /** JSON of the state after event `at` (the newest when absent) and its hash; undefined: no such run or event. */
  stateAt(runId: string, at: number | undefined): Promise<string | undefined>;
  /** What became of a command, as far as it was read. */
  command(runId: string, commandId: string): Promise<CommandStanding>;
  /** The run once it has settled; undefined when `signal` came first. */
  settled(runId: string, signal: AbortSignal): Promise<KnownRun | undefined>;
  /** Resolves when the run has events behind `seq`, or `signal` came. */
  grown(runId: string, seq: number, signal: AbortSignal): Promise<void>;
  status(): Promise<ReadModelStatus>;
  /**
   * Stores what was read. What is fed or accepted from now on is dropped, for the log has it; who asks is told that the read model is
   * unavailable: a process that stops still has requests to answer.
   */
  close(): Promise<void>;
}
