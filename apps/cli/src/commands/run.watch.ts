import { terminalEventTypes } from '@interlock/contracts';
import type { Run, RunEvent } from '@interlock/contracts/http';
import { z } from 'zod';
import { voteCommand } from '../approval.view.js';
import type { Client } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { eventText } from '../event.text.js';
import { followedStream } from '../followed.stream.js';
import type { Output } from '../output.js';
import { showRun } from '../run.history.js';
import { hasSucceeded } from '../run.view.js';
import { shortened } from '../text.js';
import { clockText } from '../time.text.js';

export const runWatch = defineCliCommand({
  name: 'run watch',
  summary: 'Follow a run live until it ends; 1 unless it completed.',
  arguments: [['run', 'its id']],
  options: z.object({}),
  example: 'run watch RUN',

  async run(_options, [runId = ''], { client, output, now }): Promise<ExitCode> {
    const path = `/v1/runs/${encodeURIComponent(runId)}`;
    for await (const event of follow(client, `${path}/events`)) {
      output.jsonLine(event);
      tell(event, output);
    }
    const { body: run } = await client.get<Run>(path);
    output.jsonLine({ run });
    output.line();
    showRun(run, output, now());
    return hasSucceeded(run) ? exitCodes.done : exitCodes.refused;
  },
});

/** Every event up to the one that ends the run. */
async function* follow(client: Client, path: string): AsyncGenerator<RunEvent> {
  for await (const { data } of followedStream(client, path)) {
    const event = JSON.parse(data) as RunEvent;
    yield event;
    if (terminalEventTypes.has(event.type)) return;
  }
}

const TYPE_CHARS = 24;

function tell({ seq, time, type, data }: RunEvent, output: Output): void {
  if (type === 'run.checkpointed') return;
  const head = `${String(seq).padStart(4)}  ${clockText(time)}  ${type.padEnd(TYPE_CHARS)}`;
  const room = Math.max(20, (output.look.columns ?? Number.POSITIVE_INFINITY) - head.length - 2);
  output.line(`${output.coloured(head)}  ${shortened(eventText(data), room)}`.trimEnd());
  if (type === 'approval.opened' && typeof data.approvalId === 'string') {
    output.line(
      `      ${output.style('yellow', output.next(voteCommand('approve', { approvalId: data.approvalId })))}`,
    );
  }
}
