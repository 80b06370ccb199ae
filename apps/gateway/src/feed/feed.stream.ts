import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventFeed, FedEvent } from '@interlock/projection';
import type { FastifyReply } from 'fastify';
import { EVENT_STREAM_HEADERS, keepOpen } from '../http/open.reply.js';
import type { RunEventTail } from './run.event.tail.js';

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
  headers: EVENT_STREAM_HEADERS,
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

/** Sends what comes behind where the feed stands; last, and whenever it is quiet, where to go on. What keeps it from being read ends it. */
export function sendFeed(reply: FastifyReply, reading: FeedReading): Promise<void> {
  const { feed, form, stopping } = reading;
  let sent = feed.position;
  const here = () => form.mark(sent);
  return keepOpen(reply, { headers: form.headers, heartbeat: here }, async ({ gone, write }) => {
    await write(form.opening);
    for await (const told of moves(reading, AbortSignal.any([gone, stopping]))) {
      // Before it is waited for: a heartbeat in between stands behind these events.
      sent = feed.position;
      await write(told.map((event) => form.event(event)).join(''));
    }
    return here();
  });
}

/** What there is, and, for those who follow, what comes, until `ended`. */
async function* moves(
  { feed, tail, follows }: FeedReading,
  ended: AbortSignal,
): AsyncGenerator<readonly FedEvent[]> {
  const leave = follows ? tail.follow() : undefined;
  try {
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
  } finally {
    leave?.();
  }
}
