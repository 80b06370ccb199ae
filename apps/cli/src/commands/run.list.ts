import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { pageOptions } from '../list.options.js';
import { listedRuns, showRuns } from '../run.listing.js';

export const runList = defineCliCommand({
  name: 'run list',
  summary: 'List runs, newest first.',
  arguments: [],
  example: 'run list --filter \'run.status == "failed" && run.search.order == "ord-0003"\'',
  options: z.object({
    status: z.string().optional().describe('Only runs of this status, e.g. waiting'),
    workflow: z.string().optional().describe('Only runs of this workflow'),
    filter: z
      .string()
      .optional()
      .describe('Only runs that this expression over `run` holds for: docs/finding.md'),
    words: z.string().optional().describe('Only runs in which all of these words stand'),
    ...pageOptions,
  }),

  async run(options, _positional, { client, output, now }) {
    const page = await listedRuns(client, options);
    output.json(page);
    if (page.items.length > 0) showRuns(page, output, now());
    else if (asksForSome(options)) output.line('No such runs.');
    else output.line(`No runs. Start one: ${output.next('run start WORKFLOW --input FILE')}`);
    return exitCodes.done;
  },
});

/** Whether there may be others than those that were asked for. */
const asksForSome = ({ limit: _limit, ...asked }: Readonly<Record<string, string | undefined>>): boolean =>
  Object.values(asked).some((value) => value !== undefined);
