import { Readable } from 'node:stream';
import type { KeyFile } from '@interlock/authority';
import { ExportSigner } from '@interlock/evidence';
import type { Log } from '@interlock/service';
import type { FastifyReply } from 'fastify';
import type { ReadModel } from '../read-model/read-model.js';

const PAGE = 1_000;

/**
 * Sends every event of a run as stored, then the head, signed now. Whole, whatever the limit: a part proves nothing.
 * What is not a chain is not signed: the answer breaks off, and the log of the process says why.
 */
export function sendExport(
  reply: FastifyReply,
  readModel: ReadModel,
  keys: KeyFile,
  log: Log,
  runId: string,
): void {
  const lines = Readable.from(exportOf(readModel, keys, runId));
  lines.on('error', (error) => log.error({ err: error, runId }, 'a run could not be exported'));
  void reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines);
}

async function* exportOf(readModel: ReadModel, keys: KeyFile, runId: string): AsyncGenerator<string> {
  const signer = new ExportSigner(runId);
  for (let after = 0, more = true; more; ) {
    const page = await readModel.events(runId, after, PAGE, 'export');
    const items = page?.items ?? [];
    for (const { json } of items) signer.take(json);
    if (items.length > 0) yield items.map(({ json }) => `${json}\n`).join('');
    after = items.at(-1)?.seq ?? after;
    more = page?.more === true && items.length > 0;
  }
  yield `${signer.head(keys.current, Date.now())}\n`;
}
