import type { Run, RunPage } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { limit, queryOf } from '../list.options.js';
import { spare, whole } from '../output.js';
import { durationOf, noteOf } from '../run.view.js';
import { distanceText } from '../time.text.js';

export const runList = defineCliCommand({
  name: 'run list',
  summary: 'List runs, newest first.',
  arguments: [],
  example: 'run list --status waiting',
  options: z.object({
    status: z.string().optional().describe('Only runs of this status, e.g. waiting'),
    workflow: z.string().optional().describe('Only runs of this workflow'),
    limit,
    cursor: z.string().optional().describe('Continue after an earlier page'),
  }),

  async run(options, _positional, { client, output, now }) {
    const { body } = await client.get<RunPage>(`/v1/runs${queryOf(options)}`);
    output.json(body);
    if (body.items.length === 0)
      output.line(`No runs. Start one: ${output.next('run start WORKFLOW --input FILE')}`);
    else {
      const columns = [whole('run'), spare('workflow'), whole('status'), spare('started'), spare('took'), ''];
      output.table(
        columns,
        body.items.map((run) => rowOf(run, now())),
      );
    }
    if (body.next !== undefined) output.line(`\nThere are more: add --cursor ${body.next}`);
    return exitCodes.done;
  },
});

const rowOf = (run: Run, nowMs: number): string[] => [
  run.runId,
  `${run.workflow.name}@${run.workflow.version}`,
  run.status,
  distanceText(run.startedAt, nowMs),
  durationOf(run, nowMs),
  noteOf(run),
];
