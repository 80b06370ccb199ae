import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { exportBytes } from '../evidence/exported.run.js';

export const runExport = defineCliCommand({
  name: 'run export',
  summary:
    'Write everything recorded about a run to standard output, with a signed head: verify checks it anywhere.',
  arguments: [['run', 'its id']],
  options: z.object({}),
  example: 'run export RUN > run.ndjson',

  async run(_options, [runId = ''], { client, output }) {
    const decoder = new TextDecoder();
    for await (const bytes of exportBytes(client, runId))
      output.write(decoder.decode(bytes, { stream: true }));
    return exitCodes.done;
  },
});
