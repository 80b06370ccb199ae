import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { type RunEvent, shortened } from '../run.view.js';

interface Page {
  readonly items: readonly RunEvent[];
  readonly next?: string;
}

const DATA_CHARS = 90;
const PAGE = 10_000;

export const runEvents = defineCliCommand({
  name: 'run events',
  summary: 'Show everything that happened in a run.',
  arguments: [['run', 'its id']],
  options: z.object({}),

  async run(_options, [runId = ''], { client, output }) {
    const items: RunEvent[] = [];
    let cursor: string | undefined;
    do {
      const after = cursor === undefined ? '' : `&cursor=${cursor}`;
      const path = `/v1/runs/${encodeURIComponent(runId)}/events?limit=${PAGE}${after}`;
      const { body } = await client.get<Page>(path);
      items.push(...body.items);
      cursor = body.next;
    } while (cursor !== undefined);
    output.json({ items });
    if (items.length === 0) output.line('Nothing yet: the run is accepted, and nobody has taken it up.');
    else output.table(['seq', 'time', 'event', 'by', 'what'], items.map(rowOf));
    return exitCodes.done;
  },
});

const rowOf = ({ seq, time, type, actor, data }: RunEvent): string[] => [
  String(seq),
  time.slice(11, 23),
  type,
  actor,
  shortened(detailOf(data), DATA_CHARS),
];

/** What tells this event from its neighbours; the whole is in `--json`. */
function detailOf(data: RunEvent['data']): string {
  const { step, tool, verdict, point, because, reason, outcome, failure, output, workflow } = data as Record<
    string,
    unknown
  >;
  const kind = (outcome as { kind?: unknown } | undefined)?.kind;
  const told = [step, tool, point, verdict, kind, because, reason].filter((part) => typeof part === 'string');
  const rest =
    failure ?? output ?? (workflow === undefined ? undefined : (workflow as { name?: unknown }).name);
  return [...told, ...(rest === undefined ? [] : [JSON.stringify(rest)])].join(' · ');
}
