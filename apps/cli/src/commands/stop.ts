import { plain } from '@interlock/contracts';
import type { Stop, StopList } from '@interlock/contracts/http';
import { z } from 'zod';
import { type CliServices, defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { whole } from '../output.js';
import { readArtifacts } from '../published.artifacts.js';
import { reason } from '../reason.option.js';

const STOPS = '/v1/control/stops';

const scopes = {
  tool: z.string().optional().describe('Calls of this tool'),
  workflow: z.string().optional().describe('Calls and requests to models of this workflow'),
  tenant: z.string().optional().describe('Calls and requests to models of this tenant'),
  level: z.string().optional().describe('What models propose at this level of autonomy'),
  all: z.boolean().default(false).describe('Everything'),
};

export const stop = defineCliCommand({
  name: 'stop',
  summary: 'The kill switch: nothing of what you name starts any more, until it is lifted.',
  arguments: [],
  options: z.object({
    ...scopes,
    compensations: z.boolean().default(false).describe('Also what undoes something'),
    reason,
  }),
  example: 'stop --tool refunds.create --reason "the bank answers twice"',

  async run({ compensations, reason: why, ...given }, _positional, { client, output, progress }) {
    const command = { scope: scopeOf(given), compensations, reason: why };
    const { body } = await client.command<Stop>(STOPS, command);
    output.json(body);
    output.line(
      plain(`Stopped: ${scopeText(body)}. Nothing of it starts any more; what has started goes on.`),
    );
    output.line(`Let it go on: ${output.next(`resume-all --stop ${body.stopId} --reason "..."`)}`);
    const slip = await slipIn(given, client).catch(() => undefined);
    if (slip !== undefined) progress(slip);
    return exitCodes.done;
  },
});

export const stopList = defineCliCommand({
  name: 'stops',
  summary: 'List the stops that are in force.',
  arguments: [],
  options: z.object({}),
  example: 'stops',

  async run(_options, _positional, { client, output }) {
    const items = await inForce({ client });
    output.json({ items });
    if (items.length === 0) output.line('Nothing is stopped.');
    else
      output.table(
        [whole('stop'), 'what', 'by', 'status', 'reason'],
        items.map((one) => [one.stopId, scopeText(one), one.by, statusText(one), one.reason]),
      );
    return exitCodes.done;
  },
});

export const resumeAll = defineCliCommand({
  name: 'resume-all',
  summary: 'Lift stops, or agree to that as the second person where two are needed.',
  arguments: [],
  options: z.object({
    stop: z.string().optional().describe('Only this one; absent: all that are in force'),
    reason,
  }),
  example: 'resume-all --reason "the bank is well again"',

  async run({ stop: only, reason: why }, _positional, services) {
    const stops = (await inForce(services)).filter(({ stopId }) => only === undefined || stopId === only);
    if (stops.length === 0) return nothing(only, services);
    const after: Stop[] = [];
    for (const { stopId } of stops) {
      const path = `${STOPS}/${encodeURIComponent(stopId)}/votes`;
      after.push((await services.client.command<Stop>(path, { vote: 'approve', reason: why })).body);
    }
    return tell(after, services);
  },
});

/** Exactly one: with two it would not be clear whether both or either must match. */
function scopeOf(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named = Object.entries(given).filter(([, value]) => value !== undefined && value !== false);
  if (named.length !== 1)
    throw new UsageError(
      'Name exactly one of --tool, --workflow, --tenant, --level and --all; make a stop for each.',
    );
  return Object.fromEntries(named);
}

/** A stop may name something that is published later, so nothing is refused; but a warning shows a mistyped name. */
async function slipIn(
  { tool, workflow }: { readonly tool?: string | undefined; readonly workflow?: string | undefined },
  client: CliServices['client'],
): Promise<string | undefined> {
  const [kind, name] = tool === undefined ? (['workflow', workflow] as const) : (['tool', tool] as const);
  if (name === undefined) return undefined;
  const names = new Set((await readArtifacts(client, kind)).map((one) => one.name));
  if (names.has(name)) return undefined;
  const known = [...names].slice(0, 20).join(', ') || 'none';
  return `Careful: no ${kind} ${name} is published, so this stops nothing now. Published: ${known}.`;
}

async function inForce({ client }: Pick<CliServices, 'client'>): Promise<Stop[]> {
  const { body } = await client.get<StopList>(STOPS);
  return body.items.filter(({ status }) => status !== 'lifted');
}

function nothing(only: string | undefined, { output }: CliServices): ExitCode {
  output.json({ items: [] });
  output.line(only === undefined ? 'Nothing is stopped.' : plain(`No stop ${only} is in force.`));
  return only === undefined ? exitCodes.done : exitCodes.refused;
}

function tell(items: readonly Stop[], { output }: CliServices): ExitCode {
  output.json({ items });
  for (const one of items) output.line(plain(`${scopeText(one)}: ${statusText(one)}`));
  if (items.some(({ status }) => status !== 'lifted'))
    output.line(`Another person has to agree to lift it: ${output.next('resume-all --reason "..."')}`);
  return exitCodes.done;
}

function scopeText({ scope, compensations }: Stop): string {
  const [[kind, value] = ['', '']] = Object.entries(scope);
  const what = kind === 'all' ? 'everything' : `${kind} ${String(value)}`;
  return compensations ? `${what}, with what undoes something` : what;
}

const statusText = ({ status, liftedBy }: Stop): string =>
  status === 'in_force' ? 'in force' : `${status}, by ${liftedBy.join(' and ')}`;
