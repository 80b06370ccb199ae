import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import type { Output } from '../output.js';
import { durationOf, instantOf, type Run } from '../run.view.js';

export const runShow = defineCliCommand({
  name: 'run show',
  summary: 'Show one run.',
  arguments: [['run', 'its id']],
  options: z.object({}),

  async run(_options, [runId = ''], { client, output }) {
    const { body } = await client.get<Run>(`/v1/runs/${encodeURIComponent(runId)}`);
    output.json(body);
    showRun(body, output);
    return exitCodes.done;
  },
});

export function showRun(run: Run, output: Output): void {
  const { workflow, failure, usage } = run;
  output.facts([
    ['run', run.runId],
    ['workflow', `${workflow.name}@${workflow.version}`],
    ['status', run.status],
    ['success', run.success === undefined ? undefined : String(run.success)],
    ['input', JSON.stringify(run.input)],
    ['output', run.output === undefined ? undefined : JSON.stringify(run.output)],
    ['failure', failure && `${failure.class}/${failure.code}: ${failure.message}`],
    ['at step', failure?.step],
    ['started', instantOf(run.startedAt)],
    ['took', run.endedAt === undefined ? undefined : durationOf(run, 0)],
    [
      'usage',
      `${usage.steps} steps, ${usage.toolCalls} calls, $${usage.costUsd.toFixed(4)}, ${usage.tokens} tokens`,
    ],
    ['events', String(run.lastSeq)],
  ]);
  for (const { kind, step, since, until, detail } of run.waitingFor ?? []) {
    const limit = until === undefined ? '' : `, until ${instantOf(until)}`;
    output.line(`waits for ${kind} at ${step} since ${instantOf(since)}${limit}: ${detail}`);
  }
}
