import { notReady, Problem } from '@interlock/commands';
import { approvalIdPattern } from '@interlock/contracts/http';
import { type KnownApproval, type Reach, type ReadModel, shownRun } from '@interlock/read-model';
import { reaches } from '../http/identity.js';
import { type CaughtUp, caughtUpAbout, NOT_READ_YET } from '../runs/caught.up.js';

/** Finds approvals; one that was opened a moment ago is waited for. Another tenant's is as unknown as one that never was. */
export class ApprovalFinder {
  constructor(
    readonly readModel: ReadModel,
    readonly inputs: CaughtUp,
    readonly partitions: number,
  ) {}

  /** @throws {Problem} unknown; not-ready when this gateway cannot say so yet */
  async find(approvalId: string, reach: Reach): Promise<KnownApproval> {
    const [, runId] = approvalIdPattern.exec(approvalId) ?? [];
    if (runId === undefined) throw unknownApproval(approvalId);
    const known = await this.#within(approvalId, reach);
    if (known !== undefined) return known;
    const isUpToDate = await this.#caughtUp(runId);
    const found = await this.#within(approvalId, reach);
    if (found !== undefined) return found;
    throw isUpToDate ? unknownApproval(approvalId) : notReady(NOT_READ_YET);
  }

  async #within(approvalId: string, reach: Reach): Promise<KnownApproval | undefined> {
    const known = await this.readModel.approval(approvalId);
    return known !== undefined && reaches(reach, known.approval.tenant ?? '') ? known : undefined;
  }

  /** Of a run that is known the root is too, and so where both lie. */
  async #caughtUp(runId: string): Promise<boolean> {
    const run = await this.readModel.run(runId);
    const about = run === undefined ? runId : shownRun(run).rootRunId;
    return caughtUpAbout(about, this.inputs, this.partitions);
  }
}

const unknownApproval = (approvalId: string): Problem =>
  new Problem('unknown', `There is no approval ${approvalId.toWellFormed().slice(0, 120)}.`);
