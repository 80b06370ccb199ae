import { terminalEventTypes } from '@interlock/contracts';
import type { Run, RunEvent } from '@interlock/contracts/http';
import { z } from 'zod';
import { voteCommand } from '../approval.view.js';
import { type Client, UnreachableError } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { eventText } from '../event.text.js';
import type { Output } from '../output.js';
import { showRun } from '../run.history.js';
import { hasSucceeded } from '../run.view.js';
import { shortened } from '../text.js';
import { clockText } from '../time.text.js';

/** Pause between attempts to reach the server again, ms. */
const RETRY_MS = 1_000;
/** After this many attempts in a row without an event the command gives up. */
const ATTEMPTS_MAX = 60;

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

/** Every event up to the one that ends the run, each once, over as many connections as it takes. */
async function* follow(client: Client, path: string): AsyncGenerator<RunEvent> {
  let seen: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      for await (const { id, data } of client.events(path, seen)) {
        seen = id ?? seen;
        failures = 0;
        const event = JSON.parse(data) as RunEvent;
        yield event;
        if (terminalEventTypes.has(event.type)) return;
      }
    } catch (error) {
      // A server that has answered before may come back; one that never answered is reported at once.
      const isLost = error instanceof UnreachableError && seen !== undefined;
      if (!isLost || failures >= ATTEMPTS_MAX) throw error;
    }
    failures += 1;
    if (failures > 1) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
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
