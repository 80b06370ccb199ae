import { notReady, Problem } from '@interlock/commands';
import { runIdText } from '@interlock/contracts/http';
import type { KnownRun, Reach, ReadModel, RefusedStarts } from '@interlock/read-model';
import { reaches } from '../http/identity.js';
import { type CaughtUp, caughtUpAbout, NOT_READ_YET } from './caught.up.js';

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
    const isUpToDate = await caughtUpAbout(runId, this.inputs, this.partitions);
    const found = await this.#within(runId, reach);
    if (found !== undefined) return found;
    throw isUpToDate ? unknownRun(runId) : notReady(NOT_READ_YET);
  }

  async #within(runId: string, reach: Reach): Promise<KnownRun | undefined> {
    const run = await this.readModel.run(runId);
    return run !== undefined && reaches(reach, run.tenant) ? this.refused.shown(runId, run) : undefined;
  }
}

export const unknownRun = (runId: string): Problem =>
  new Problem('unknown', `There is no run ${runId.toWellFormed().slice(0, 100)}.`);
