import type { FedEvent, FeedPage } from '@interlock/contracts/http';
import { z } from 'zod';
import type { Client } from '../client.js';
import { defineCliCommand, exitCodes } from '../command.js';
import { eventText } from '../event.text.js';
import { followedStream } from '../followed.stream.js';
import { queryOf } from '../list.options.js';
import type { Output } from '../output.js';
import { shortened } from '../text.js';
import { clockText } from '../time.text.js';

const PATH = '/v1/events';
const PAGE = '1000';

export const events = defineCliCommand({
  name: 'events',
  summary: 'Show what happens in all runs; with --follow live, until you stop it.',
  arguments: [],
  example: 'events --follow',
  options: z.object({
    follow: z.boolean().default(false).describe('Go on with what comes'),
    from: z
      .string()
      .optional()
      .describe(
        'Behind this position: `position` of an event in --json. `start`: from the first event. Absent: the first, with --follow what comes from now on',
      ),
  }),

  async run({ follow, from = follow ? 'now' : 'start' }, _positional, { client, output, progress }) {
    let position = from === 'start' ? undefined : from;
    if (!follow || position === undefined) position = await tellPages(client, output, position);
    // A position, so that nothing is missed when the connection breaks before the first event.
    else if (position === 'now') position = (await pageBehind(client, position)).next;
    if (!follow) return exitCodes.done;
    progress('Live from here on, as long as it lasts: Ctrl-C ends it.');
    for await (const { data } of followedStream(client, PATH, position))
      tell(JSON.parse(data) as FedEvent, output);
    return exitCodes.done;
  },
});

const pageBehind = async (client: Client, from: string | undefined): Promise<FeedPage> =>
  (await client.get<FeedPage>(`${PATH}${queryOf({ from, limit: PAGE })}`)).body;

/** Everything up to the present end, and where that is. */
async function tellPages(client: Client, output: Output, from: string | undefined): Promise<string> {
  let page = await pageBehind(client, from);
  for (;;) {
    for (const event of page.items) tell(event, output);
    if (!page.more) return page.next;
    page = await pageBehind(client, page.next);
  }
}

const TYPE = /^interlock\.(.+)\.v\d+$/;
const TYPE_CHARS = 24;

function tell(event: FedEvent, output: Output): void {
  output.jsonLine(event);
  const { subject, seq, time, type, data } = event;
  const name = TYPE.exec(type)?.[1] ?? type;
  if (name === 'run.checkpointed') return;
  const head = `${clockText(time)}  ${subject} ${String(seq).padStart(4)}  ${name.padEnd(TYPE_CHARS)}`;
  const room = Math.max(20, (output.look.columns ?? Number.POSITIVE_INFINITY) - head.length - 2);
  const what = typeof data === 'object' && data !== null ? eventText({ ...data }) : '';
  output.line(`${output.coloured(head)}  ${shortened(what, room)}`.trimEnd());
}
