import type { RecordedEvent } from '@interlock/actors';
import type { Identity } from '@interlock/contracts';

export const runStatuses = [
  'accepted',
  'refused',
  'running',
  'waiting',
  'paused',
  'rolling_back',
  'completed',
  'failed',
  'rolled_back',
  'escalated',
  'cancelled',
] as const;
export type RunStatus = (typeof runStatuses)[number];

const terminal: ReadonlySet<string> = new Set([
  'refused',
  'completed',
  'failed',
  'rolled_back',
  'escalated',
  'cancelled',
]);

export const isTerminal = (status: string): boolean => terminal.has(status);
/** Whether nothing more happens before somebody outside acts, or at all. */
export const isSettled = (status: string): boolean => status === 'waiting' || isTerminal(status);

/** A run as the interface shows it. Instants are ISO 8601, UTC. */
export interface RunView {
  readonly runId: string;
  readonly rootRunId: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  /** Who started it, and of which tenant it is; absent: the default one. */
  readonly by: string;
  readonly tenant?: string;
  readonly status: RunStatus;
  readonly input: unknown;
  readonly output?: unknown;
  readonly success?: boolean;
  readonly failure?: {
    readonly class: string;
    readonly code: string;
    readonly message: string;
    readonly step?: string;
  };
  readonly waitingFor?: readonly {
    readonly kind: string;
    readonly step: string;
    readonly since: string;
    readonly until?: string;
    readonly detail: string;
    /** What people are asked, for the kind `approval`. */
    readonly approvalId?: string;
  }[];
  /** Who paused it, and why. */
  readonly paused?: { readonly by: string; readonly reason: string };
  /** It starts nothing new and has not ended yet: why it ends. */
  readonly ending?: 'failed' | 'cancelled';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly usage: {
    readonly tokens: number;
    readonly costUsd: number;
    readonly steps: number;
    readonly toolCalls: number;
  };
  /** 0 until the orchestrator has taken the run up. */
  readonly lastSeq: number;
}

/** What the read model needs to know about runs: the run actor's own fold, and how its state is shown. */
export interface RunFold<State> {
  evolve(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  /**
   * As the run's own host folds it, which lets go of what an ended run needs no more: hashes of this state are those
   * of checkpoints.
   */
  evolveHosted(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  describe(state: State): RunView;
  /** Whether the command was applied or refused. */
  hasAnswered(state: State, commandId: string): boolean;
  hash(state: State): { readonly stateVersion: number; readonly hash: string };
}

/** A start that is durable in `run.commands`. */
export interface AcceptedStart {
  readonly commandId: string;
  readonly runId: string;
  readonly by: Identity;
  /** UTC ms */
  readonly issuedAt: number;
  readonly workflow: RunView['workflow'];
  readonly input: unknown;
  readonly requestHash: string;
}

/** A run nobody but the gateway knows of yet. */
export const acceptedRun = ({ runId, workflow, by, input, issuedAt }: AcceptedStart): RunView => ({
  runId,
  rootRunId: runId,
  workflow,
  by: by.sub,
  ...(by.tenant === undefined ? {} : { tenant: by.tenant }),
  status: 'accepted',
  input,
  startedAt: new Date(issuedAt).toISOString(),
  usage: { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0 },
  lastSeq: 0,
});
