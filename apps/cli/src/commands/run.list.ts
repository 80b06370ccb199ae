import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { durationOf, instantOf, noteOf, type Run, shortened } from '../run.view.js';

interface Page {
  readonly items: readonly Run[];
  readonly next?: string;
}

const NOTE_CHARS = 60;

export const runList = defineCliCommand({
  name: 'run list',
  summary: 'List runs, newest first.',
  arguments: [],
  options: z.object({
    status: z.string().optional().describe('Only runs of this status, e.g. waiting'),
    workflow: z.string().optional().describe('Only runs of this workflow'),
    limit: z
      .string()
      .regex(/^[1-9]\d*$/, 'must be a whole number')
      .optional()
      .describe('At most so many, up to 500; 50 when absent'),
    cursor: z.string().optional().describe('Go on behind a list before'),
  }),

  async run(options, _positional, { client, output }) {
    const given = Object.entries(options).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const query = new URLSearchParams(given).toString();
    const { body } = await client.get<Page>(`/v1/runs${query === '' ? '' : `?${query}`}`);
    output.json(body);
    if (body.items.length === 0)
      output.line('No runs. Start one: ./interlock run start WORKFLOW --input FILE');
    else output.table(['run', 'workflow', 'status', 'started', 'took', ''], body.items.map(rowOf));
    if (body.next !== undefined) output.line(`\nThere are more: add --cursor ${body.next}`);
    return exitCodes.done;
  },
});

const rowOf = (run: Run): string[] => [
  run.runId,
  `${run.workflow.name}@${run.workflow.version}`,
  run.status,
  instantOf(run.startedAt),
  durationOf(run, Date.now()),
  shortened(noteOf(run), NOTE_CHARS),
];
