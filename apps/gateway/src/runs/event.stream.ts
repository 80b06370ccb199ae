import { once } from 'node:events';
import type { EventPage, ReadModel } from '@interlock/read-model';
import type { FastifyReply } from 'fastify';

const PAGE = 500;
/** Keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long is let go; it resumes where it was. */
const STALLED_MS = 60_000;

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** The first page of a stream, before anything is sent: what cannot be read is a problem like any other. */
export const firstPage = (readModel: ReadModel, runId: string, after: number) =>
  readModel.events(runId, after, PAGE, 'view');

/**
 * Sends the events behind `after`, then every new one, until the caller goes: server-sent events, `id` is the seq.
 * @param first of these events
 */
export async function streamEvents(
  reply: FastifyReply,
  readModel: ReadModel,
  runId: string,
  after: number,
  first: EventPage | undefined,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  raw.writeHead(200, STREAM_HEADERS);
  raw.write(': live\n\n');
  const heartbeat = setInterval(() => raw.write(': \n\n'), HEARTBEAT_MS);
  try {
    let seen = after;
    let page = first;
    while (page !== undefined && !gone.signal.aborted) {
      const text = page.items.map(({ seq, type, json }) => `id: ${seq}\nevent: ${type}\ndata: ${json}\n\n`);
      if (text.length > 0 && !raw.write(text.join(''))) await drained(raw, gone.signal);
      seen = page.items.at(-1)?.seq ?? seen;
      page = page.more
        ? await readModel.events(runId, seen, PAGE, 'view')
        : await readModel.newEvents(runId, seen, PAGE, 'view', gone.signal);
    }
  } catch {
    // The reader has stalled or the read model is closing: the stream ends, and resuming loses nothing.
  } finally {
    clearInterval(heartbeat);
    raw.destroy();
  }
}

async function drained(raw: FastifyReply['raw'], gone: AbortSignal): Promise<void> {
  await once(raw, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(STALLED_MS)]) });
}
