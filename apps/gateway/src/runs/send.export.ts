import { Readable } from 'node:stream';
import { exportOf, type ReadModel, type RunHeads } from '@interlock/read-model';
import type { Log } from '@interlock/service';
import type { FastifyReply } from 'fastify';

/** Pages that lie ready while a reader takes its time: each is a quarter of a megabyte or more, and readers are many. */
const PAGES_AHEAD = 1;
/** A reader that takes nothing for so long is let go. */
const STALLED_MS = 60_000;

interface Sources {
  readonly readModel: ReadModel;
  readonly heads: RunHeads;
  readonly log: Log;
}

/** Sends the export of a run. What is not a chain breaks the answer off, and the log of the process says why. */
export function sendExport(reply: FastifyReply, { readModel, heads, log }: Sources, runId: string): void {
  const lines = Readable.from(exportOf(readModel, heads, runId), { highWaterMark: PAGES_AHEAD });
  reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
  lines.on('error', (error) => log.error({ err: error, run: runId }, 'a run could not be exported'));
  void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines);
}
