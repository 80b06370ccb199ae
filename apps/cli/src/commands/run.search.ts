import type { RunPage } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { pageOptions } from '../list.options.js';
import { listedRuns, showRuns } from '../run.listing.js';

export const runSearch = defineCliCommand({
  name: 'run search',
  summary: 'Find runs by the words in them, newest first; 1 when there is none.',
  arguments: [['words', 'all of them, "side by side" in quotes, or lamp* for words that begin so']],
  example: 'run search \'"broken lamp"\' --filter \'run.status == "failed"\'',
  options: z.object({
    filter: z.string().optional().describe('Only runs that this expression holds for; see run list'),
    ...pageOptions,
  }),

  async run(options, [words = ''], { client, output, now }) {
    const page: RunPage = await listedRuns(client, { ...options, words });
    output.json(page);
    if (page.items.length === 0) output.line('No run holds these words.');
    else showRuns(page, output, now());
    return page.items.length === 0 ? exitCodes.refused : exitCodes.done;
  },
});
