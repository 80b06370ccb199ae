import { z } from 'zod';
import { type Client, RefusedError, UnreachableError } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

const NODE_MAJOR = 24;

export const doctor = defineCliCommand({
  name: 'doctor',
  summary: 'Check this machine and the server, and say what to do.',
  arguments: [],
  options: z.object({}),

  async run(_options, _positional, { client, output }): Promise<ExitCode> {
    const findings = [nodeVersion(), await reachable(client)];
    const isUp = findings.every(({ ok }) => ok);
    if (isUp) findings.push(await ready(client), await workflows(client));
    output.json({ findings });
    for (const { check, ok, detail, advice } of findings) {
      output.line(`${ok ? output.style('green', 'ok  ') : output.style('red', 'FAIL')}  ${check}: ${detail}`);
      if (!ok && advice !== undefined) output.line(`      ${advice}`);
    }
    if (findings.every(({ ok }) => ok)) return exitCodes.done;
    return isUp ? exitCodes.refused : exitCodes.unreachable;
  },
});

function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
  const advice = 'Run ./interlock from the project: it brings its own Node.';
  return { check: 'Node', ok, detail: process.versions.node, advice };
}

async function reachable(client: Client): Promise<Finding> {
  const check = 'server';
  const advice = 'Start it with npm start, or name another one: --url http://HOST:PORT.';
  try {
    await client.get('/healthz');
    return { check, ok: true, detail: `answers at ${client.url}` };
  } catch (error) {
    return { check, ok: false, detail: (error as Error).message, advice };
  }
}

async function ready(client: Client): Promise<Finding> {
  const check = 'readiness';
  const advice =
    'It may take some seconds after a start. If it stays so, look into the log of the part named.';
  try {
    await client.get('/readyz');
    return { check, ok: true, detail: 'inputs are read, modules are published' };
  } catch (error) {
    return { check, ok: false, detail: detailOf(error), advice };
  }
}

async function workflows(client: Client): Promise<Finding> {
  const check = 'workflows';
  const advice = 'Name modules in INTERLOCK_MODULES when you start the server.';
  try {
    const { body } = await client.get<{ items: { name: string; version: number }[] }>(
      '/v1/artifacts?kind=workflow',
    );
    const names = body.items.map(({ name, version }) => `${name}@${version}`);
    return { check, ok: names.length > 0, detail: names.join(', ') || 'none is published', advice };
  } catch (error) {
    return { check, ok: false, detail: detailOf(error), advice };
  }
}

function detailOf(error: unknown): string {
  if (error instanceof RefusedError || error instanceof UnreachableError) return error.message;
  throw error;
}
