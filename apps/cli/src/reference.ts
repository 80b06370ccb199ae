import type { z } from 'zod';
import type { CliCommand } from './command.js';
import { flagOf, isRequired, shapeOf } from './command.line.js';

/** Every command with its options and its example, as docs/cli.md shows them. */
export const reference = (commands: readonly CliCommand[]): string => commands.map(section).join('\n\n');

function section({ name, summary, arguments: given, options, example }: CliCommand): string {
  const usage = [name, ...given.map(argumentText)].join(' ');
  const rows = [
    ...given.map((argument) => row(argumentText(argument), argument[1])),
    ...Object.entries(options.shape).map(([option, schema]) => optionRow(option, schema)),
  ];
  return [
    `### ${usage}`,
    summary,
    ...(rows.length === 0 ? [] : [['| | |', '| --- | --- |', ...rows].join('\n')]),
    `    ./interlock ${example ?? usage}`,
  ].join('\n\n');
}

const argumentText = ([name, , presence]: CliCommand['arguments'][number]): string =>
  presence === 'optional' ? `[${name}]` : `<${name}>`;

function optionRow(name: string, schema: z.ZodType): string {
  const shape = shapeOf(schema);
  const notes = [
    schema.description ?? '',
    ...(isRequired(schema) ? ['required'] : []),
    ...(shape === 'list' ? ['may be given several times'] : []),
  ];
  const flag = shape === 'flag' ? flagOf(name) : `${flagOf(name)} <${name}>`;
  return row(flag, notes.filter((note) => note !== '').join('; '));
}

const row = (left: string, right: string): string => `| \`${left}\` | ${right.replaceAll('|', '\\|')} |`;
