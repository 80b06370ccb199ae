import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventFeed, FedEvent } from '@interlock/projection';
import type { FastifyReply } from 'fastify';
import type { RunEventTail } from './run.event.tail.js';

/** Keeps proxies from closing a quiet stream, and tells its reader how far it has come. */
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long is let go; it resumes where it was. */
const STALLED_MS = 60_000;

/** How events are written. */
export interface FeedForm {
  readonly headers: Readonly<Record<string, string>>;
  /** Sent at once, so that the reader knows that it is heard. */
  readonly opening: string;
  event(event: FedEvent): string;
  /** How far it has come, where no event says so. */
  mark(position: string): string;
}

export const eventStreamForm: FeedForm = {
  headers: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  },
  opening: ': live\n\n',
  event: ({ type, json, position }) => `id: ${position}\nevent: ${type}\ndata: ${json}\n\n`,
  // Without data no event is dispatched, and the last id is taken all the same.
  mark: (position) => `id: ${position}\n\n`,
};

export const linesForm: FeedForm = {
  headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' },
  opening: '',
  event: ({ json }) => `${json}\n`,
  mark: (position) => `${JSON.stringify({ position })}\n`,
};

export interface FeedReading {
  readonly feed: EventFeed;
  readonly tail: RunEventTail;
  readonly form: FeedForm;
  /** Whether it goes on at the end. */
  readonly follows: boolean;
  /** The gateway is stopping: streams end in order. */
  readonly stopping: AbortSignal;
}

/** Sends what comes behind where the feed stands; last, where to go on. What keeps it from being read ends it, and resuming loses nothing. */
export async function sendFeed(reply: FastifyReply, reading: FeedReading): Promise<void> {
  const { feed, form, stopping } = reading;
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  raw.writeHead(200, form.headers);
  raw.flushHeaders();
  let sent = feed.position;
  const heartbeat = setInterval(() => raw.write(form.mark(sent)), HEARTBEAT_MS);
  const write = async (text: string) => {
    if (text !== '' && !raw.write(text))
      await once(raw, 'drain', { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(STALLED_MS)]) });
  };
  try {
    await write(form.opening);
    for await (const told of moves(reading, AbortSignal.any([gone.signal, stopping]))) {
      // Before it is waited for: a heartbeat in between stands behind these events.
      sent = feed.position;
      await write(told.map((event) => form.event(event)).join(''));
    }
    raw.end(form.mark(sent));
  } catch {
    raw.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

/** What there is, and, for those who follow, what comes, until `ended`. */
async function* moves(
  { feed, tail, follows }: FeedReading,
  ended: AbortSignal,
): AsyncGenerator<readonly FedEvent[]> {
  let grown: readonly number[] | undefined;
  do {
    for await (const told of feed.toPresentEnd(grown)) {
      yield told;
      if (ended.aborted) return;
      // Reading a file of this machine gives nobody else a turn by itself.
      await nextTurn();
    }
    if (!follows) return;
    grown = await tail.grown(feed.offsets, ended);
  } while (!ended.aborted);
}
