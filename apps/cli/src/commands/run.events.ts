import type { RunEvent } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { eventText } from '../event.text.js';
import { readEvents } from '../run.events.reader.js';
import { clockText } from '../time.text.js';

export const runEvents = defineCliCommand({
  name: 'run events',
  summary: 'Show everything that happened in a run.',
  arguments: [['run', 'its id']],
  example: 'run events RUN --json',
  options: z.object({}),

  async run(_options, [runId = ''], { client, output }) {
    const items = await readEvents(client, runId);
    output.json({ items });
    if (items.length === 0)
      output.line('Nothing yet: the run is accepted, and the orchestrator has not started it.');
    else output.table(['seq', 'time', 'event', 'by', 'what'], items.map(rowOf));
    return exitCodes.done;
  },
});

const rowOf = ({ seq, time, type, actor, data }: RunEvent): string[] => [
  String(seq),
  clockText(time),
  type,
  actor,
  eventText(data),
];
