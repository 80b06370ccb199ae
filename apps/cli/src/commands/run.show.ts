import type { Approval, ApprovalPage, Run } from '@interlock/contracts/http';
import { z } from 'zod';
import type { Client } from '../client.js';
import { defineCliCommand, exitCodes } from '../command.js';
import { readEvents } from '../run.events.reader.js';
import { showRunHistory } from '../run.history.js';

export const runShow = defineCliCommand({
  name: 'run show',
  summary: 'Show one run: its steps, what it waits for and what would move it.',
  arguments: [['run', 'its id']],
  options: z.object({}),
  example: 'run show RUN',

  async run(_options, [runId = ''], { client, output, now }) {
    const { body } = await client.get<Run>(`/v1/runs/${encodeURIComponent(runId)}`);
    output.json(body);
    if (output.isJson) return exitCodes.done;
    const [events, approvals] = await Promise.all([readEvents(client, runId), approvalsOf(client, body)]);
    showRunHistory(body, events, approvals, output, now());
    return exitCodes.done;
  },
});

/** The approvals that a run waits for. */
export async function approvalsOf(
  client: Client,
  { runId, waitingFor = [] }: Run,
): Promise<readonly Approval[]> {
  if (!waitingFor.some(({ kind }) => kind === 'approval')) return [];
  const path = `/v1/approvals?status=pending&runId=${encodeURIComponent(runId)}`;
  return (await client.get<ApprovalPage>(path)).body.items;
}
