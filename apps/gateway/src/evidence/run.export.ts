import { Readable } from 'node:stream';
import { ExportChain } from '@interlock/evidence';
import type { ReadModel } from '@interlock/read-model';
import type { Log } from '@interlock/service';
import type { FastifyReply } from 'fastify';
import type { Heads } from './heads.js';

const PAGE = 1_000;
/** How long an export waits for a head that covers its end. */
const HEAD_MS = 2_000;

interface Sources {
  readonly readModel: ReadModel;
  readonly heads: Heads;
  readonly log: Log;
}

/** Pages that lie ready while a reader takes its time: each is a quarter of a megabyte or more, and readers are many. */
const PAGES_AHEAD = 1;
/** A reader that takes nothing for so long is let go. */
const STALLED_MS = 60_000;

/**
 * Sends every event of a run as stored, then its head as who folded the log has signed it. Whole, whatever the limit: a part proves
 * nothing. What is not a chain breaks the answer off, and the log of the process says why.
 */
export function sendExport(reply: FastifyReply, sources: Sources, runId: string): void {
  const lines = Readable.from(exportOf(sources, runId), { highWaterMark: PAGES_AHEAD });
  reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
  lines.on('error', (error) => sources.log.error({ err: error, run: runId }, 'a run could not be exported'));
  void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines);
}

/** When no head covers the end in time, the last line is the latest one there is: it says where the signed part ends. */
async function* exportOf({ readModel, heads }: Sources, runId: string): AsyncGenerator<string> {
  const chain = new ExportChain(runId);
  yield* eventsOf(readModel, chain, Number.POSITIVE_INFINITY);
  const head = await heads.covering(runId, chain.seq, AbortSignal.timeout(HEAD_MS));
  if (head === undefined) return;
  // The run has moved meanwhile: what is signed is exported.
  if (head.seq > chain.seq) yield* eventsOf(readModel, chain, head.seq);
  yield `${head.line}\n`;
}

/** The events behind those that `chain` has taken, up to `last`. */
async function* eventsOf(readModel: ReadModel, chain: ExportChain, last: number): AsyncGenerator<string> {
  for (let more = true; more && chain.seq < last; ) {
    const page = await readModel.events(chain.runId, chain.seq, Math.min(PAGE, last - chain.seq), 'export');
    const items = page?.items ?? [];
    for (const { json } of items) chain.take(json);
    if (items.length > 0) yield items.map(({ json }) => `${json}\n`).join('');
    more = page?.more === true && items.length > 0;
  }
}
