import { randomUUID } from 'node:crypto';
import { isTerminal, type Run } from '@interlock/contracts/http';
import { z } from 'zod';
import type { Answer, Client } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { readJson } from '../json.argument.js';
import type { Output } from '../output.js';
import { showRun, showWaits } from '../run.history.js';
import { hasSucceeded } from '../run.view.js';
import { parseReference } from '../workflow.reference.js';

export const runStart = defineCliCommand({
  name: 'run start',
  summary: 'Start a run of a published workflow.',
  arguments: [['workflow', 'its name, or name@version']],
  example: 'run start refund-request --input request.json --wait',
  options: z.object({
    input: z.string().describe('JSON, or the file that holds it'),
    wait: z.boolean().default(false).describe('Wait until it has ended or waits; 1 unless it completed'),
    key: z.string().optional().describe('Repeating the command with the same key starts nothing twice'),
  }),

  async run(
    { input, wait, key = randomUUID() },
    [reference = ''],
    { client, output, now },
  ): Promise<ExitCode> {
    const { workflow, version } = parseReference(reference);
    const body = { workflow, version, input: await readJson('--input', input) };
    const run = wait ? await settled(client, body, key) : (await post(client, body, key)).body;
    output.json(run);
    showRun(run, output, now());
    if (wait) showWaits(run, output, now());
    if (!isTerminal(run.status)) output.line(`\n${howItGoes(run, wait, output)}`);
    return !wait || hasSucceeded(run) ? exitCodes.done : exitCodes.refused;
  },
});

const howItGoes = ({ runId }: Run, waits: boolean, output: Output): string =>
  waits
    ? `What would move it: ${output.next(`run show ${runId}`)}`
    : `See how it goes: ${output.next(`run watch ${runId}`)}`;

const post = (client: Client, body: unknown, key: string, query = ''): Promise<Answer<Run>> =>
  client.post<Run>(`/v1/runs${query}`, body, { 'idempotency-key': key });

/** The same request under the same key means the same run, so to wait longer is to ask again. */
async function settled(client: Client, body: unknown, key: string): Promise<Run> {
  for (;;) {
    const answer = await post(client, body, key, '?wait=30s');
    if (answer.status === 200) return answer.body;
  }
}
