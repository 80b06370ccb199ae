import { type ToolManifest, toolManifest } from '@interlock/contracts';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { spare, whole } from '../output.js';
import { readArtifacts } from '../published.artifacts.js';
import { spanText } from '../time.text.js';

export const toolList = defineCliCommand({
  name: 'tool list',
  summary: 'List the tools that workflows may name, with the recovery of each.',
  arguments: [],
  options: z.object({}),
  example: 'tool list',

  async run(_options, _positional, { client, output }) {
    const items = await readArtifacts(client, 'tool');
    output.json({ items });
    const manifests = items.map(({ document }) => toolManifest.parse(document));
    if (items.length === 0)
      output.line('No tool is published. Name modules in INTERLOCK_MODULES when you start the server.');
    else
      output.table(
        [
          whole('tool'),
          whole('effect'),
          whole('risk'),
          'doubt',
          'undone by',
          spare('limit'),
          spare('cost'),
          '',
        ],
        manifests.map(rowOf),
      );
    return exitCodes.done;
  },
});

const rowOf = (tool: ToolManifest): string[] => [
  `${tool.name}@${tool.version}`,
  tool.effect,
  tool.risk,
  recoveryText(tool),
  tool.compensate?.tool ?? '',
  spanText(tool.timeoutMs),
  tool.costUsd === 0 ? '' : `$${tool.costUsd}`,
  tool.description,
];

function recoveryText({ recovery }: ToolManifest): string {
  switch (recovery?.by) {
    case undefined:
      return '';
    case 'idempotency-key':
      return 'same key';
    case 'verify':
      return `asks ${recovery.tool}`;
    case 'ask-human':
      return 'a person';
  }
}
