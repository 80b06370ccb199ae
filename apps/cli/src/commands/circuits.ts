import type { CircuitList } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { spare, whole } from '../output.js';
import { distanceText } from '../time.text.js';

/** Tools whose target is away. */
export const circuitsCommand = defineCliCommand({
  name: 'circuits',
  summary: 'List tools whose target is away, so that their calls are held.',
  arguments: [],
  options: z.object({}),

  async run(_options, _positional, { client, output, now }) {
    const { body } = await client.get<CircuitList>('/v1/circuits');
    output.json(body);
    if (body.items.length === 0) output.line('No target is away.');
    else
      output.table(
        [whole('tool'), spare('away since'), whole('failures'), spare('executor'), ''],
        body.items.map(({ tool, since, failures, process, code }) => [
          tool,
          distanceText(since, now()),
          String(failures),
          process,
          code,
        ]),
      );
    return exitCodes.done;
  },
});
