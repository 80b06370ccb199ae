import type { EventPage, ReadModel } from '@interlock/read-model';
import type { FastifyReply } from 'fastify';
import { EVENT_STREAM_HEADERS, keepOpen } from '../http/open.reply.js';

const PAGE = 500;

const form = { headers: EVENT_STREAM_HEADERS, heartbeat: () => ': \n\n' };

/** The first page of a stream, before anything is sent: what cannot be read is a problem like any other. */
export const firstPage = (readModel: ReadModel, runId: string, after: number) =>
  readModel.events(runId, after, PAGE, 'view');

/**
 * Sends the events behind `after`, then every new one, until the caller goes: server-sent events, `id` is the seq.
 * @param first of these events
 */
export function streamEvents(
  reply: FastifyReply,
  readModel: ReadModel,
  runId: string,
  after: number,
  first: EventPage | undefined,
): Promise<void> {
  return keepOpen(reply, form, async ({ gone, write }) => {
    await write(': live\n\n');
    let seen = after;
    let page = first;
    while (page !== undefined && !gone.aborted) {
      await write(page.items.map(textOf).join(''));
      seen = page.items.at(-1)?.seq ?? seen;
      page = page.more
        ? await readModel.events(runId, seen, PAGE, 'view')
        : await readModel.newEvents(runId, seen, PAGE, 'view', gone);
    }
    return '';
  });
}

const textOf = ({ seq, type, json }: EventPage['items'][number]): string =>
  `id: ${seq}\nevent: ${type}\ndata: ${json}\n\n`;
