import type { StateAt } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';

export const state = defineCliCommand({
  name: 'state',
  summary: 'Show the state of a run as it was after one event, and its hash.',
  arguments: [['run', 'its id']],
  options: z.object({
    at: z
      .string()
      .regex(/^[1-9]\d{0,14}$/, 'must be a whole number from 1')
      .optional()
      .describe('seq of the event; the newest when absent'),
  }),
  example: 'state RUN --at 12',

  async run({ at }, [runId = ''], { client, output }) {
    const query = at === undefined ? '' : `?at=${at}`;
    const { body } = await client.get<StateAt>(`/v1/runs/${encodeURIComponent(runId)}/state${query}`);
    output.json(body);
    output.facts([
      ['run', body.runId],
      ['after event', String(body.seq)],
      ['hash', body.hash],
      ['of fold version', String(body.stateVersion)],
    ]);
    output.line(JSON.stringify(body.state, null, 2));
    return exitCodes.done;
  },
});
