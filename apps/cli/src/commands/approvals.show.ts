import { z } from 'zod';
import { type Approval, countOf, modelsBehind, subjectOf, voteCommand } from '../approval.view.js';
import { defineCliCommand, exitCodes } from '../command.js';
import type { Output } from '../output.js';
import { plain } from '../text.js';
import { instantText } from '../time.text.js';

export const approvalsShow = defineCliCommand({
  name: 'approvals show',
  summary: 'Show what people are asked to allow, why, and who has said what.',
  arguments: [['approval', 'its id']],
  options: z.object({}),
  example: 'approvals show APPROVAL',

  async run(_options, [approvalId = ''], { client, output, now }) {
    const { body } = await client.get<Approval>(`/v1/approvals/${encodeURIComponent(approvalId)}`);
    output.json(body);
    showApproval(body, output, now());
    return exitCodes.done;
  },
});

function showApproval(approval: Approval, output: Output, nowMs: number): void {
  const { action, details, votes, status, settledAt, workflow } = approval;
  output.facts([
    ['approval', approval.approvalId],
    ['status', approval.because === undefined ? status : `${status}: ${approval.because}`],
    ['run', `${approval.runId} (${workflow.name}@${workflow.version}, step ${approval.step})`],
    [action === undefined ? 'question' : 'call', action?.tool ?? subjectOf(approval)],
    ['call hash', action?.callHash],
    ['led to by', action && modelsBehind(action)],
    ['why', [approval.reason, ...approval.why.map((id) => `(${id})`)].join(' ')],
    ['asked by', `${approval.requester}, who may not vote`],
    ['may vote', approval.approvers.join(' or ')],
    ['approved', countOf(approval)],
    ['opened', instantText(approval.openedAt, nowMs)],
    settledAt === undefined
      ? ['expires', instantText(approval.expiresAt, nowMs)]
      : ['settled', instantText(settledAt, nowMs)],
  ]);
  const shown = action === undefined ? details : action.arguments;
  if (shown !== undefined) output.line(`\n${whole(shown)}`);
  if (votes.length > 0) output.line();
  for (const { by, vote, at, reason } of votes)
    output.line(plain(`${by} says ${vote}, ${instantText(at, nowMs)}: ${reason}`));
  if (status === 'pending')
    output.line(
      `\n${output.next(voteCommand('approve', approval))}\n${output.next(voteCommand('deny', approval))}`,
    );
}

/** Never cut: it is what a vote is for. JSON escapes whatever could move the cursor, line by line. */
const whole = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => plain(`  ${line}`))
    .join('\n');
