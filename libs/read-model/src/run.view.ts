import type { RecordedEvent } from '@interlock/actors';
import type { Identity } from '@interlock/contracts';
import type { Run } from '@interlock/contracts/http';

/** What the read model needs to know about runs: the run actor's own fold, and how its state is shown. */
export interface RunFold<State> {
  evolve(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  /**
   * As the run's own host folds it, which lets go of what an ended run needs no more: hashes of this state are those
   * of checkpoints.
   */
  evolveHosted(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  describe(state: State): Run;
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
  readonly workflow: Run['workflow'];
  readonly input: unknown;
  readonly requestHash: string;
}

/** A run nobody but the gateway knows of yet. */
export const acceptedRun = ({ runId, workflow, by, input, issuedAt }: AcceptedStart): Run => ({
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
