import { partitionOf } from '@interlock/broker';
import { approvalCommands, CastVote } from '@interlock/contracts';
import type { VoteBody } from '@interlock/contracts/http';
import type { ApprovalRecord, KnownApproval, ReadModel } from '@interlock/read-model';
import type { Bearer, CommandAppender, CommandAuthority } from '@interlock/service';
import { commandIdOf } from './command.id.js';
import { outcomeIfSent, outcomeOf, type SentVote, type VoteOutcome } from './vote.outcome.js';

/** How long an answer waits for the approval service's word on a vote that is durable already. */
const SEEN_MS = 500;

/**
 * Makes votes durable. The approval service decides what they are worth; what is plainly pointless is refused here already, and
 * so is what that service refuses while the caller is still here. The wait delays the answer alone: the vote is on its way.
 */
export class VoteCaster {
  constructor(
    readonly appender: CommandAppender,
    readonly authority: CommandAuthority,
    readonly readModel: ReadModel,
    readonly partitions: number,
    readonly now: () => number,
    readonly seenMs = SEEN_MS,
  ) {}

  /**
   * @param key repeats under one key of one person are one vote
   * @returns the approval, with the vote when the approval service has taken it up in time
   * @throws {Problem} wrong role, own request, settled, key used for another vote, log not answering
   */
  async cast(
    bearer: Bearer,
    { approval }: KnownApproval,
    body: VoteBody,
    key: string | undefined,
  ): Promise<ApprovalRecord> {
    const { approvalId } = approval;
    const { by } = bearer;
    const commandId = commandIdOf(by, approvalId, { chosen: body.commandId, key });
    const vote: SentVote = { ...body, commandId, by };
    if (isCounted(outcomeIfSent(approval, vote))) return approval;
    await this.#append(bearer, approval, vote);
    return this.#seen(approval, (now) => isCounted(outcomeOf(now, vote)));
  }

  async #append(
    bearer: Bearer,
    { approvalId, runId, rootRunId }: ApprovalRecord,
    vote: SentVote,
  ): Promise<void> {
    const issuedAt = this.now();
    const meta = { id: vote.commandId, run: runId, time: issuedAt };
    const data = { ...vote, approvalId, runId, issuedAt };
    const command = { key: rootRunId, wire: CastVote.wire, meta, data };
    const record = await this.authority.recordOf(command, 'approval', bearer);
    await this.appender.append(approvalCommands.name, partitionOf(rootRunId, this.partitions), record);
  }

  /** The approval once `holds`, or as it is when the time is up. */
  async #seen(before: ApprovalRecord, holds: (now: ApprovalRecord) => boolean): Promise<ApprovalRecord> {
    const signal = AbortSignal.timeout(this.seenMs);
    for (;;) {
      const known = await this.readModel.approval(before.approvalId);
      if (known === undefined) return before;
      if (holds(known.approval) || signal.aborted) return known.approval;
      await this.readModel.grown(known.approval.runId, known.runSeq, signal);
    }
  }
}

/** @throws {Problem} it is refused */
function isCounted(outcome: VoteOutcome): boolean {
  if (outcome.kind === 'refused') throw outcome.problem;
  return outcome.kind === 'counted';
}
