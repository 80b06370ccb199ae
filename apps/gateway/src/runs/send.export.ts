import { Readable } from 'node:stream';
import type { Run } from '@interlock/contracts/http';
import { exportOf, type ReadModel, type RunHeads } from '@interlock/read-model';
import type { Log } from '@interlock/service';
import type { FastifyReply } from 'fastify';
import type { RunValues } from './run.values.js';

/** Pages that lie ready while a reader takes its time: each is a quarter of a megabyte or more, and readers are many. */
const PAGES_AHEAD = 1;
/** A reader that takes nothing for so long is let go. */
const STALLED_MS = 60_000;

interface Sources {
  readonly readModel: ReadModel;
  readonly heads: RunHeads;
  readonly log: Log;
  readonly values: RunValues;
}

/**
 * Sends the export of a run. What cannot be read at all is a problem like any other; what is not a chain, or is gone further on, breaks the
 * answer off, and the log of the process says why. To a caller that has left already nothing is sent.
 */
export async function sendExport(
  reply: FastifyReply,
  { readModel, heads, log, values }: Sources,
  { runId, rootRunId }: Pick<Run, 'runId' | 'rootRunId'>,
): Promise<void> {
  if (reply.raw.destroyed) return void reply.hijack();
  const pieces = exportOf(readModel, heads, runId, (stored) => values.exported(rootRunId, stored));
  const first = await pieces.next();
  const lines = Readable.from(begunWith(first, pieces), { highWaterMark: PAGES_AHEAD });
  reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
  lines.on('error', (error) => log.error({ err: error, run: runId }, 'a run could not be exported'));
  void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines);
}

async function* begunWith(
  first: IteratorResult<string, unknown>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
