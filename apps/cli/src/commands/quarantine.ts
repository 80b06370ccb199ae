import type { Quarantined, QuarantinePage, Redriven } from '@interlock/contracts/http';
import { z } from 'zod';
import { type CliCommand, defineCliCommand, exitCodes } from '../command.js';
import { pageOptions, queryOf, tellMore } from '../list.options.js';
import { spare, whole } from '../output.js';
import { reason } from '../reason.option.js';
import { distanceText } from '../time.text.js';

const list = defineCliCommand({
  name: 'quarantine list',
  summary: 'List messages that services could not handle, newest first.',
  arguments: [],
  options: z.object({
    service: z.string().optional().describe('Only what this service has set aside'),
    code: z.string().optional().describe('Only messages with this code'),
    ...pageOptions,
  }),
  example: 'quarantine list --service orchestrator',

  async run(options, _positional, { client, output, now }) {
    const { body } = await client.get<QuarantinePage>(`/v1/quarantine${queryOf(options)}`);
    output.json(body);
    if (body.items.length === 0) output.line('Nothing is in quarantine.');
    else
      output.table(
        [whole('id'), whole('type'), spare('set aside'), whole('code'), spare('redrive'), ''],
        body.items.map((one) => rowOf(one, now())),
      );
    tellMore(body, output);
    return exitCodes.done;
  },
});

const rowOf = ({ id, types, at, code, message, redrivable }: Quarantined, nowMs: number): string[] => [
  id,
  types.join(','),
  distanceText(at, nowMs),
  code,
  redrivable ? 'yes' : 'no',
  message,
];

const redrive = defineCliCommand({
  name: 'quarantine redrive',
  summary: 'Put a command back into its topic, after what was wrong has been mended.',
  arguments: [['id', 'of the message']],
  options: z.object({ reason }),
  example: 'quarantine redrive orchestrator.3.17 --reason "the orchestrator is upgraded"',

  async run(options, [id = ''], { client, output }) {
    const path = `/v1/quarantine/${encodeURIComponent(id)}/redrive`;
    const { body } = await client.command<Redriven>(path, options);
    output.json(body);
    output.line(`It is in ${body.topic} again. If it fails again: ${output.next('quarantine list')}`);
    return exitCodes.done;
  },
});

export const quarantineCommands: readonly CliCommand[] = [list, redrive];
