import type { BulkAnswer, BulkList, BulkShown, BulkSummary } from '@interlock/contracts/http';
import { z } from 'zod';
import { type CliCommand, defineCliCommand, type ExitCode, exitCodes, type OptionShape } from '../command.js';
import { pageOptions, queryOf, tellMore } from '../list.options.js';
import { fromStep, parkedStep, rollback, signalOptions, toldOf } from '../operator.options.js';
import { spare, whole } from '../output.js';
import { reason } from '../reason.option.js';
import { distanceText } from '../time.text.js';

const filter = z.string().describe('Which runs: docs/finding.md');
const dryRun = z.boolean().default(false).describe('Only count them');

/** @param status of the runs in its example */
const bulkCommand = <Shape extends OptionShape>(
  type: string,
  summary: string,
  shape: Shape,
  status = 'waiting',
): CliCommand =>
  defineCliCommand({
    name: `bulk ${type}`,
    summary,
    arguments: [],
    options: z.object({ filter, ...shape, reason, dryRun }),
    example: `bulk ${type} --filter 'run.status == "${status}"' --reason "..." --dry-run`,

    async run(options, _positional, { client, output }): Promise<ExitCode> {
      const { filter: which, reason: why, dryRun: isDry, ...given } = options as BulkOptions;
      const body = { filter: which, command: await toldOf(type, given), reason: why, dryRun: isDry };
      const { body: answer } = await client.command<BulkAnswer>('/v1/bulk', body);
      output.json(answer);
      const { bulkId, matched } = answer;
      if (bulkId === undefined) output.line(matched === 0 ? 'No run fits.' : `${matched} runs fit.`);
      else
        output.line(`${matched} runs are told. See what they answer: ${output.next(`bulk show ${bulkId}`)}`);
      return exitCodes.done;
    },
  });

interface BulkOptions {
  readonly filter: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

export const bulkShow = defineCliCommand({
  name: 'bulk show',
  summary: 'What the runs of a bulk order have answered; 1 when one of them refused.',
  arguments: [['bulk', 'its id']],
  options: z.object({
    result: z.string().optional().describe('Only runs that are open, done or refused'),
    ...pageOptions,
  }),
  example: 'bulk show BULK --result refused',

  async run(options, [bulkId = ''], { client, output, now }): Promise<ExitCode> {
    const path = `/v1/bulk/${encodeURIComponent(bulkId)}${queryOf(options)}`;
    const { body } = await client.get<BulkShown>(path);
    output.json(body);
    const { open, done, refused } = body.counts;
    output.facts([
      ['told', `${body.command}, ${distanceText(body.at, now())}, by ${body.by}: ${body.reason}`],
      ['runs', body.filter],
      ['answers', `${done} done, ${refused} refused, ${open} open, of ${body.matched}`],
    ]);
    output.line();
    if (body.items.length > 0)
      output.table(
        [whole('run'), whole('result'), ''],
        body.items.map(({ runId, result, code, message }) => [
          runId,
          result,
          [code, message].filter((part) => part !== undefined).join(': '),
        ]),
      );
    tellMore(body, output);
    return refused > 0 ? exitCodes.refused : exitCodes.done;
  },
});

export const bulkListed = defineCliCommand({
  name: 'bulk list',
  summary: 'The latest bulk orders, newest first.',
  arguments: [],
  options: z.object({}),
  example: 'bulk list',

  async run(_options, _positional, { client, output, now }): Promise<ExitCode> {
    const { body } = await client.get<BulkList>('/v1/bulk');
    output.json(body);
    if (body.items.length === 0) output.line('No bulk orders.');
    else
      output.table(
        [whole('bulk'), whole('command'), whole('runs'), spare('given'), spare('by'), ''],
        body.items.map((one) => rowOf(one, now())),
      );
    return exitCodes.done;
  },
});

const rowOf = ({ bulkId, command, matched, at, by, filter: which }: BulkSummary, nowMs: number): string[] => [
  bulkId,
  command,
  String(matched),
  distanceText(at, nowMs),
  by,
  which,
];

/** What operators tell many runs at once. */
export const bulkCommands: readonly CliCommand[] = [
  bulkCommand('cancel', 'End every run that fits a filter.', {
    rollback,
  }),
  bulkCommand('pause', 'Start nothing new in the runs that fit a filter.', {}),
  bulkCommand(
    'resume',
    'Let the paused runs that fit a filter go on, or, with --from, take those up again that have failed.',
    { from: fromStep },
  ),
  bulkCommand('close', 'Say that the escalated runs that fit a filter were looked at.', {}, 'escalated'),
  bulkCommand(
    'erase',
    'Erase for good the large values of the ended runs that fit a filter.',
    {},
    'completed',
  ),
  bulkCommand('signal', 'Tell the runs that fit a filter what a step of theirs waits for.', {
    ...signalOptions,
  }),
  bulkCommand('retry', 'Make a step that waits for an operator again, in every run that fits a filter.', {
    step: parkedStep,
  }),
  bulkCommand('skip', 'Go on without a step that waits for an operator, in every run that fits a filter.', {
    step: parkedStep,
  }),
  bulkShow,
  bulkListed,
];
