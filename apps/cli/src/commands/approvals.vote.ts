import { z } from 'zod';
import { type Approval, countOf } from '../approval.view.js';
import { type CliCommand, defineCliCommand, exitCodes } from '../command.js';
import { plain } from '../text.js';

const voteAs = (vote: 'approve' | 'deny', summary: string): CliCommand =>
  defineCliCommand({
    name: `approvals ${vote}`,
    summary,
    arguments: [['approval', 'its id']],
    options: z.object({
      reason: z.string().min(1, 'say why').describe('Why; it is recorded with your name'),
      key: z.string().optional().describe('Repeating the command with the same key votes once'),
    }),
    example: `approvals ${vote} APPROVAL --reason "${vote === 'approve' ? 'checked with the customer' : 'wrong amount'}"`,

    async run({ reason, key }, [approvalId = ''], { client, output }) {
      const path = `/v1/approvals/${encodeURIComponent(approvalId)}/votes`;
      const { body } = await client.command<Approval>(path, { vote, reason }, key);
      output.json(body);
      output.line(plain(`Your vote is recorded: ${vote}.`));
      output.line(output.coloured(standing(body)));
      output.line(`See the run go on: ${output.next(`run watch ${body.runId}`)}`);
      return exitCodes.done;
    },
  });

export const approvalsApprove = voteAs('approve', 'Allow exactly what was asked for.');
export const approvalsDeny = voteAs('deny', 'Refuse what was asked for; one denial ends it.');

/** The approval service may not have said yet what a vote has led to. */
function standing(approval: Approval): string {
  if (approval.status !== 'pending') return `The approval is ${approval.status}.`;
  const { missing } = approval;
  return `The approval is pending: ${countOf(approval)} have approved, ${missing} more ${missing === 1 ? 'person has' : 'people have'} to.`;
}
