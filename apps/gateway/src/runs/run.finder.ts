import { partitionOf } from '@interlock/broker';
import { notReady, Problem } from '@interlock/commands';
import { isDerivedRunId } from '@interlock/contracts';
import { runIdText } from '@interlock/contracts/http';
import type { KnownRun, Reach, ReadModel, ReadModelInputs, RefusedStarts } from '@interlock/read-model';
import { reaches } from '../http/identity.js';

/** What the read model is fed from. */
export type CaughtUp = Pick<ReadModelInputs, 'caughtUp'>;

/**
 * Finds runs; one that another gateway has just accepted is waited for. Another tenant's run is as unknown as one that never was, after
 * the same look into the log.
 */
export class RunFinder {
  constructor(
    readonly readModel: ReadModel,
    readonly inputs: CaughtUp,
    readonly partitions: number,
    readonly refused: Pick<RefusedStarts, 'shown'> = { shown: (_runId, run) => run },
  ) {}

  /** @throws {Problem} unknown; not-ready when this gateway cannot say so yet */
  async find(runId: string, reach: Reach): Promise<KnownRun> {
    if (!runIdText.safeParse(runId).success) throw unknownRun(runId);
    const known = await this.#within(runId, reach);
    if (known !== undefined) return known;
    const isUpToDate = await this.#caughtUp(runId);
    const found = await this.#within(runId, reach);
    if (found !== undefined) return found;
    throw isUpToDate ? unknownRun(runId) : notReady('The log has not been read to its end yet.');
  }

  /** A child lies with its root, and its id does not say where that is. */
  async #caughtUp(runId: string): Promise<boolean> {
    if (!isDerivedRunId(runId)) return this.inputs.caughtUp(partitionOf(runId, this.partitions));
    const all = Array.from({ length: this.partitions }, (_, partition) => this.inputs.caughtUp(partition));
    return (await Promise.all(all)).every((isUpToDate) => isUpToDate);
  }

  async #within(runId: string, reach: Reach): Promise<KnownRun | undefined> {
    const run = await this.readModel.run(runId);
    return run !== undefined && reaches(reach, run.tenant) ? this.refused.shown(runId, run) : undefined;
  }
}

export const unknownRun = (runId: string): Problem =>
  new Problem('unknown', `There is no run ${runId.toWellFormed().slice(0, 100)}.`);
