import { isTerminal } from '@interlock/contracts/http';
import { expect } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { Run, SystemClient } from '../e2e/system.client.ts';
import { linesOf } from './ledger.module.ts';

const WITHIN_MS = 90_000;

/**
 * Decides as an operator who looks at the ledger, until none of these settled runs waits for one: a write that is in it is skipped, one that is
 * not is made again. A write that is made again may be in doubt again. Resolves with the number of decisions.
 */
export async function decideByLedger(
  client: SystemClient,
  runs: readonly Run[],
  ledgerFile: string,
): Promise<number> {
  const mine = new Set(runs.map(({ runId }) => runId));
  /** What each run waited for when it was last decided: its answer takes a moment to show. */
  const decidedSince = new Map<string, string>();
  let decisions = 0;
  const decide = async (): Promise<boolean> => {
    const open = (await client.runs()).filter((run) => mine.has(run.runId) && !isOver(run));
    const written = new Set(linesOf(ledgerFile).map(({ entry }) => entry));
    for (const run of open) {
      const since = run.waitingFor?.find(({ kind }) => kind === 'operator')?.since;
      if (since === undefined || decidedSince.get(run.runId) === since) continue;
      const type = written.has((run.input as { entry: string }).entry) ? 'skip' : 'retry';
      const command = { type, step: 'write', reason: 'the ledger was looked at' };
      const { status, body } = await client.post(`/v1/runs/${run.runId}/commands`, command);
      expect({ status, body }).toMatchObject({ status: 202 });
      decidedSince.set(run.runId, since);
      decisions += 1;
    }
    return open.length === 0;
  };
  await eventually('no run to wait for an operator', decide, WITHIN_MS);
  return decisions;
}

/** Nothing is left for an operator: it has ended, or waits for approval. */
const isOver = ({ status, waitingFor = [] }: Run): boolean =>
  isTerminal(status) || (status === 'waiting' && waitingFor.every(({ kind }) => kind === 'approval'));
