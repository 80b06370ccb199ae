import { plain } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { z } from 'zod';
import { FALSE, readChecked } from '../approval.reading.js';
import { countOf, wholeOf } from '../approval.view.js';
import { type CliCommand, defineCliCommand, exitCodes } from '../command.js';
import { reason } from '../reason.option.js';

const voteAs = (vote: 'approve' | 'deny', summary: string): CliCommand =>
  defineCliCommand({
    name: `approvals ${vote}`,
    summary,
    arguments: [['approval', 'its id']],
    options: z.object({
      reason,
      callHash: z
        .string()
        .optional()
        .describe('Vote only if the hash is still this one, as `approvals show` printed it'),
      key: z.string().optional().describe('Repeating the command with the same key votes once'),
    }),
    example: `approvals ${vote} APPROVAL --reason "${vote === 'approve' ? 'checked with the customer' : 'wrong amount'}"`,

    async run({ reason, callHash, key }, [approvalId = ''], { client, output }) {
      const { approval, checked } = await readChecked(client, approvalId);
      const objection = checked.kind === 'sound' ? otherThan(callHash, checked.callHash) : checked.because;
      if (checked.kind === 'false' || objection !== undefined) {
        output.json({ approvalId, voted: false, because: objection });
        output.line(plain(`You have not voted: ${objection}.`));
        output.line(
          checked.kind === 'false' ? FALSE : `Look at it: ${output.next(`approvals show ${approvalId}`)}`,
        );
        return exitCodes.refused;
      }
      const path = `/v1/approvals/${encodeURIComponent(approvalId)}/votes`;
      const body = { vote, callHash: checked.callHash, reason };
      const { body: answered } = await client.command<Approval>(path, body, key);
      output.json(answered);
      output.line(plain(`Your vote is recorded: ${vote}, on exactly this:`));
      output.line(plain(`  ${approval.action?.tool ?? approval.question ?? ''}`));
      const shown = approval.action === undefined ? approval.details : approval.action.arguments;
      if (shown !== undefined) output.line(wholeOf(shown));
      output.line(output.coloured(standing(answered)));
      output.line(`See the run go on: ${output.next(`run watch ${answered.runId}`)}`);
      return exitCodes.done;
    },
  });

export const approvalsApprove = voteAs('approve', 'Allow exactly what was asked for.');
export const approvalsDeny = voteAs('deny', 'Refuse what was asked for; one denial ends it.');

const otherThan = (wanted: string | undefined, seen: string): string | undefined =>
  wanted === undefined || wanted === seen ? undefined : `its hash is ${seen} now, not ${wanted}`;

/** The approval service may not have said yet what a vote has led to. */
function standing(approval: Approval): string {
  if (approval.status !== 'pending') return `The approval is ${approval.status}.`;
  const { missing } = approval;
  return `The approval is pending: ${countOf(approval)} have approved, ${missing} more ${missing === 1 ? 'person has' : 'people have'} to.`;
}
