import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Keeps proxies from closing a quiet answer. */
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so long is let go; it resumes where it was. */
const STALLED_MS = 60_000;

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** An answer that is written to while it goes on. */
export interface OpenReply {
  /** Aborted when its reader has gone. */
  readonly gone: AbortSignal;
  /** Resolves when there is room for more. @throws its reader has gone, or takes nothing any more */
  write(text: string): Promise<void>;
}

export interface OpenReplyForm {
  readonly headers: Readonly<Record<string, string>>;
  /** Sent when there was nothing to say for a while. */
  heartbeat(): string;
}

/**
 * Answers with what `tell` writes and, last, what it returns. What it throws breaks the answer off: a stream is resumed, and nothing is
 * lost. To a caller that has left already nothing is told.
 */
export async function keepOpen(
  reply: FastifyReply,
  { headers, heartbeat }: OpenReplyForm,
  tell: (open: OpenReply) => Promise<string>,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  if (raw.destroyed) return;
  const left = new AbortController();
  const gone = left.signal;
  raw.once('close', () => left.abort());
  raw.writeHead(200, headers);
  raw.flushHeaders();
  // What a reader that takes nothing has not got yet keeps the connection alive as well, and more of it would fill the memory.
  const beat = () => raw.writableNeedDrain || raw.write(heartbeat());
  const beating = setInterval(beat, HEARTBEAT_MS);
  const write = async (text: string) => {
    if (text === '' || raw.write(text)) return;
    await once(raw, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(STALLED_MS)]) });
  };
  try {
    const last = await tell({ gone, write });
    if (!raw.destroyed) raw.end(last);
  } catch {
    raw.destroy();
  } finally {
    clearInterval(beating);
  }
}
