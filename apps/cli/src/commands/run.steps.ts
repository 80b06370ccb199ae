import type { StepInstance, StepPage } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { pageOptions, queryOf, tellMore } from '../list.options.js';
import { spare, whole } from '../output.js';
import { distanceText } from '../time.text.js';

export const runSteps = defineCliCommand({
  name: 'run steps',
  summary: 'List the steps of a run by their paths, and how each stands.',
  arguments: [['run', 'its id']],
  example: 'run steps RUN --status parked',
  options: z.object({
    status: z.string().optional().describe('Only steps of this status, e.g. parked'),
    ...pageOptions,
  }),

  async run(options, [runId = ''], { client, output, now }) {
    const path = `/v1/runs/${encodeURIComponent(runId)}/steps${queryOf(options)}`;
    const { body } = await client.get<StepPage>(path);
    output.json(body);
    if (body.items.length === 0) output.line('No such steps.');
    else {
      const columns = [whole('step'), whole('status'), spare('since'), spare('calls'), spare('attempts'), ''];
      output.table(
        columns,
        body.items.map((step) => rowOf(step, now())),
      );
    }
    tellMore(body, output);
    return exitCodes.done;
  },
});

const rowOf = (step: StepInstance, nowMs: number): string[] => [
  step.path,
  step.status,
  distanceText(step.since, nowMs),
  String(step.calls),
  String(step.attempts),
  noteOf(step),
];

/** Why it stands as it does. */
function noteOf({ waitingFor = [], failure, generation, child }: StepInstance): string {
  const waits = waitingFor.map(({ kind, detail }) => `${kind}: ${detail}`).join('; ');
  const why = waits !== '' ? waits : failure && `${failure.code}: ${failure.message}`;
  const again = generation > 1 ? `generation ${generation}` : undefined;
  const run = child !== undefined && waits === '' ? `run ${child}` : undefined;
  return [again, run, why].filter((part) => part !== undefined).join(', ');
}
