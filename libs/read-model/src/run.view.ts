import { hash } from 'node:crypto';
import type { RecordedEvent } from '@interlock/actors';
import { type Identity, instantText } from '@interlock/contracts';
import type { Run } from '@interlock/contracts/http';
import type { KnownRun } from './read-model.js';
import type { RunRow } from './read-store.js';
import { facetsOf } from './search/run.facets.js';
import { noFacts } from './search/run.facts.js';

/** What the read model needs to know about runs: the run actor's own fold, and how its state is shown. */
export interface RunFold<State> {
  evolve(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  /**
   * As the run's own host folds it, which lets go of what an ended run needs no more: hashes of this state are those
   * of checkpoints.
   */
  evolveHosted(state: State | undefined, event: RecordedEvent, runId: string): State | undefined;
  describe(state: State): Run;
  /** What stands in the run, as words to find it by. */
  words(state: State, shown: Run): string;
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

/** A run that nothing has taken up, as it is shown and stored: its `Run` is encoded here and nowhere else. */
export function acceptedRun({ runId, workflow, by, input, issuedAt, requestHash }: AcceptedStart): RunRow {
  const shown: Run = {
    runId,
    rootRunId: runId,
    workflow,
    by: by.sub,
    ...(by.tenant === undefined ? {} : { tenant: by.tenant }),
    status: 'accepted',
    input,
    startedAt: instantText(issuedAt),
    usage: { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0 },
    lastSeq: 0,
  };
  return {
    run: runId,
    tenant: by.tenant ?? '',
    status: shown.status,
    workflow: workflow.name,
    started: issuedAt,
    seq: 0,
    request: requestHash,
    facets: JSON.stringify(facetsOf(shown, noFacts)),
    body: JSON.stringify(shown),
  };
}

/** A start that this gateway has made durable: the run, and what tells its record when that is read back. */
export interface OwnStart {
  readonly row: RunRow;
  /** Of the record's value. */
  readonly valueHash: string;
}

export const ownStart = (row: RunRow, value: Uint8Array | null): OwnStart => ({
  row,
  valueHash: valueHashOf(value),
});

export const valueHashOf = (value: Uint8Array | null): string => hash('sha256', value ?? '');

/** A run as people see it, for whoever has to look into it: most only pass it on. */
export const shownRun = ({ body }: Pick<KnownRun, 'body'>): Run => JSON.parse(body) as Run;

/** What others than the store need of a row. */
export const knownRunOf = ({ body, status, request, tenant, seq }: RunRow): KnownRun => ({
  body,
  status,
  requestHash: request,
  tenant,
  lastSeq: seq,
});
