import type { Approval, ApprovalPage } from '@interlock/contracts/http';
import { z } from 'zod';
import { type Checked, checkShown } from '../approval.check.js';
import { countOf, subjectOf, voteCommand } from '../approval.view.js';
import { defineCliCommand, exitCodes } from '../command.js';
import { pageOptions, queryOf, tellMore } from '../list.options.js';
import { spare, whole } from '../output.js';
import { readArtifacts } from '../published.artifacts.js';
import { distanceText } from '../time.text.js';

export const approvalsList = defineCliCommand({
  name: 'approvals list',
  summary: 'List what waits for people, or what they said.',
  arguments: [],
  options: z.object({
    status: z
      .enum(['pending', 'granted', 'denied', 'expired', 'withdrawn', 'all'])
      .default('pending')
      .describe('pending (when absent), granted, denied, expired, withdrawn or all'),
    role: z.string().optional().describe('Only what this role may vote on'),
    run: z.string().optional().describe('Only of this run'),
    ...pageOptions,
  }),
  example: 'approvals list --role lead',

  async run({ status, run: runId, ...rest }, _positional, { client, output, now }) {
    const query = queryOf({ status: status === 'all' ? undefined : status, runId, ...rest });
    const { body } = await client.get<ApprovalPage>(`/v1/approvals${query}`);
    output.json(body);
    const tools = body.items.some(({ action }) => action !== undefined)
      ? await readArtifacts(client, 'tool')
      : [];
    if (body.items.length === 0)
      output.line(status === 'pending' ? 'Nothing waits for people.' : 'There is none.');
    else {
      const columns = [
        whole('approval'),
        spare('status'),
        spare('votes'),
        'by',
        spare('asked by'),
        whole('expires'),
        'what',
      ];
      output.table(
        columns,
        body.items.map((one) => rowOf(one, checkShown(one, tools), now())),
      );
      const first = body.items.find((one) => one.status === 'pending');
      if (first !== undefined)
        output.line(
          `\nLook: ${output.next(`approvals show ${first.approvalId}`)}\nVote: ${output.next(voteCommand('approve', first))}`,
        );
    }
    tellMore(body, output);
    return exitCodes.done;
  },
});

const rowOf = (approval: Approval, { kind }: Checked, nowMs: number): string[] => [
  approval.approvalId,
  approval.status,
  countOf(approval),
  approval.approvers.join(', '),
  approval.requester,
  approval.status === 'pending' ? distanceText(approval.expiresAt, nowMs) : '',
  kind === 'sound' ? subjectOf(approval) : `FALSE, see approvals show: ${subjectOf(approval)}`,
];
