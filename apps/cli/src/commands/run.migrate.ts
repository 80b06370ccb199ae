import type { BulkAnswer, CommandAnswer, MigrationPlanShown } from '@interlock/contracts/http';
import { z } from 'zod';
import {
  type CliCommand,
  type CliServices,
  defineCliCommand,
  type ExitCode,
  exitCodes,
  UsageError,
} from '../command.js';
import { pageOptions } from '../list.options.js';
import { type Asked, previewOf, showPreview, wouldGoOn } from '../migration.preview.js';
import type { Output } from '../output.js';
import { spare, whole } from '../output.js';
import { reason } from '../reason.option.js';

export const runMigrate: CliCommand = defineCliCommand({
  name: 'run migrate',
  summary: 'Let an open run, or with --where many, go on as another version of its workflow says.',
  arguments: [['run', 'its id; leave it out with --where', 'optional']],
  options: z.object({
    to: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, 'must be the number of a version')
      .describe('The version'),
    map: z
      .array(z.string().regex(/^[\w-]+=[\w-]+$/, 'must be like old=new'))
      .optional()
      .describe('A step that is done and is called otherwise there: old=new'),
    where: z.string().optional().describe('Every run that fits this filter (docs/finding.md)'),
    dryRun: z
      .boolean()
      .default(false)
      .describe(
        'Write nothing: show what would become of each step; with --where, count the runs, and show what would become of each',
      ),
    reason: reason.optional().describe('Why; it is recorded. Required, but for --dry-run'),
    ...pageOptions,
  }),
  example: 'run migrate RUN --to 3 --map notify=tell --dry-run',

  async run({ to, map = [], where, dryRun, reason: why, limit, cursor }, [runId], services) {
    if ((runId === undefined) === (where === undefined))
      throw new UsageError('name a run, or say --where, and not both');
    if (!dryRun && why === undefined) throw new UsageError('--reason is required, but for --dry-run');
    const hasPages = where !== undefined && dryRun;
    if (!hasPages && (limit !== undefined || cursor !== undefined))
      throw new UsageError(
        '--limit and --cursor are for --where with --dry-run: a bulk order tells every run',
      );
    const command = { type: 'migrate', version: Number(to), ...mapped(map) };
    if (where !== undefined && dryRun)
      return preview({ filter: where, command, version: to, map, limit, cursor }, services);
    if (where !== undefined) return many(where, command, why ?? '', services);
    if (runId === undefined) throw new UsageError('name a run, or say --where');
    return dryRun ? plan(runId, to, map, services) : one(runId, { ...command, reason: why }, services);
  },
});

function mapped(pairs: readonly string[]): { map?: Record<string, string> } {
  if (pairs.length === 0) return {};
  const names = pairs.map((pair) => pair.split('=', 2) as [string, string]);
  if (new Set(names.map(([old]) => old)).size < names.length)
    throw new UsageError('--map names a step twice');
  return { map: Object.fromEntries(names) };
}

async function one(runId: string, command: object, { client, output }: CliServices): Promise<ExitCode> {
  const path = `/v1/runs/${encodeURIComponent(runId)}/commands`;
  const { body } = await client.command<CommandAnswer>(path, command);
  output.json(body);
  output.line(`Recorded as ${body.commandId}. See what becomes of it: ${output.next(`run show ${runId}`)}`);
  return exitCodes.done;
}

async function many(
  filter: string,
  command: object,
  reason: string,
  { client, output }: CliServices,
): Promise<ExitCode> {
  const order = { filter, command, reason, dryRun: false };
  const { body } = await client.command<BulkAnswer>('/v1/bulk', order);
  output.json(body);
  const { bulkId, matched } = body;
  if (bulkId === undefined) output.line('No run fits.');
  else output.line(`${matched} runs are told. See what they answer: ${output.next(`bulk show ${bulkId}`)}`);
  return exitCodes.done;
}

/** Refused where one of the runs on the page would refuse it now. */
async function preview(asked: Asked, { client, output }: CliServices): Promise<ExitCode> {
  const found = await previewOf(client, asked);
  output.json(found);
  showPreview(found, output);
  return found.items.every(wouldGoOn) ? exitCodes.done : exitCodes.refused;
}

/** Refused where the run would refuse it now. */
async function plan(
  runId: string,
  version: string,
  map: readonly string[],
  { client, output }: CliServices,
): Promise<ExitCode> {
  const query = new URLSearchParams({ version, ...(map.length > 0 && { map: map.join(',') }) });
  const path = `/v1/runs/${encodeURIComponent(runId)}/migration?${query}`;
  const { body } = await client.get<MigrationPlanShown>(path);
  output.json(body);
  show(body, output);
  return body.safe ? exitCodes.done : exitCodes.refused;
}

function show({ from, to, safe, refusal, obstacles, steps }: MigrationPlanShown, output: Output): void {
  if (steps.length > 0) {
    output.table(
      [whole('step'), spare('is'), whole('there'), ''],
      steps.map(({ step, to: name, status, as, obstacles: own }) => [
        step,
        status ?? '',
        name === undefined ? as : `${as} as ${name}`,
        own.map(({ field, reason: why }) => `${field}: ${why}`).join('; '),
      ]),
    );
    output.line();
  }
  for (const { field, reason: why, fix } of obstacles) output.sentence(`${field}: ${why}: ${fix}`);
  for (const { step, obstacles: own } of steps)
    for (const { fix } of own) output.sentence(`step ${step}: ${fix}`);
  if (refusal !== undefined) output.sentence(`${refusal.message} (${refusal.code})`);
  output.line(
    safe
      ? `It can go on as version ${to} says, from version ${from}. Nothing is written.`
      : 'It would be refused. Nothing is written.',
  );
}
