import { plain, storedIn } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { z } from 'zod';
import type { Checked } from '../approval.check.js';
import { FALSE, readChecked } from '../approval.reading.js';
import { countOf, modelsBehind, subjectOf, voteCommand, wholeOf } from '../approval.view.js';
import { defineCliCommand, exitCodes } from '../command.js';
import type { Output } from '../output.js';
import { instantText } from '../time.text.js';

export const approvalsShow = defineCliCommand({
  name: 'approvals show',
  summary: 'Show what people are asked to allow, why, and who has said what.',
  arguments: [['approval', 'its id']],
  options: z.object({}),
  example: 'approvals show APPROVAL',

  async run(_options, [approvalId = ''], { client, output, now }) {
    const { approval, checked } = await readChecked(client, approvalId);
    output.json(approval);
    showApproval(approval, checked, output, now());
    return checked.kind === 'sound' ? exitCodes.done : exitCodes.refused;
  },
});

function showApproval(approval: Approval, checked: Checked, output: Output, nowMs: number): void {
  const { action, details, votes, status, settledAt, workflow, requester, shapedBy } = approval;
  const others = shapedBy.filter((sub) => sub !== requester);
  output.facts([
    ['approval', approval.approvalId],
    ['status', approval.because === undefined ? status : `${status}: ${approval.because}`],
    ['run', `${approval.runId} (${workflow.name}@${workflow.version}, step ${approval.step})`],
    [action === undefined ? 'question' : 'call', action?.tool ?? subjectOf(approval)],
    ['hash', checked.kind === 'sound' ? checked.callHash : `FALSE: ${checked.because}`],
    ['led to by', action && modelsBehind(action)],
    ['why', [approval.reason, ...approval.why.map((id) => `(${id})`)].join(' ')],
    ['asked by', `${requester}, who may not vote`],
    ['shaped by', others.length === 0 ? undefined : `${others.join(', ')}, who may not vote either`],
    ['may vote', approval.approvers.join(' or ')],
    ['approved', countOf(approval)],
    ['opened', instantText(approval.openedAt, nowMs)],
    settledAt === undefined
      ? ['expires', instantText(approval.expiresAt, nowMs)]
      : ['settled', instantText(settledAt, nowMs)],
  ]);
  const shown = action === undefined ? details : action.arguments;
  if (shown !== undefined) output.line(`\n${wholeOf(shown)}`);
  const stored = storedIn(shown);
  if (stored !== undefined)
    output.line(
      `\nThey are kept outside of the log, ${stored.size} bytes: GET /v1/runs/${approval.runId}/values/${stored.hash}`,
    );
  if (votes.length > 0) output.line();
  for (const { by, vote, at, reason } of votes)
    output.line(plain(`${by} says ${vote}, ${instantText(at, nowMs)}: ${reason}`));
  if (checked.kind === 'false') output.line(`\n${FALSE}`);
  else if (status === 'pending') {
    const saw = ` --call-hash ${checked.callHash}`;
    const [approve, deny] = (['approve', 'deny'] as const).map((vote) =>
      output.next(voteCommand(vote, approval) + saw),
    );
    output.line(`\n${approve}\n${deny}`);
  }
}
