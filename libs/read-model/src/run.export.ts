import type { StoredValue } from '@interlock/contracts';
import { ExportChain, valueLine } from '@interlock/evidence';
import type { ReadModel } from './read-model.js';
import type { RunHeads } from './run.heads.js';

const PAGE = 1_000;
/** How long an export waits for a head that covers its end. */
const HEAD_MS = 2_000;

/**
 * Every event of a run as stored, then the values that they name and that can be had, then its head as who folded the log has signed it; each piece is some lines. Whole, whatever the
 * limit: a part proves nothing. When no head covers the end in time, the last line is the latest one there is: it says where the signed
 * part ends.
 * @throws the stored events are not a chain
 */
export async function* exportOf(
  readModel: Pick<ReadModel, 'events'>,
  heads: Pick<RunHeads, 'covering'>,
  runId: string,
  carried: (stored: StoredValue) => Promise<Uint8Array | undefined> = async () => undefined,
): AsyncGenerator<string> {
  const chain = new ExportChain(runId);
  yield* eventsOf(readModel, chain, Number.POSITIVE_INFINITY);
  const head = await heads.covering(runId, chain.seq, AbortSignal.timeout(HEAD_MS));
  if (head === undefined) return;
  // The run has moved meanwhile: what is signed is exported.
  if (head.seq > chain.seq) yield* eventsOf(readModel, chain, head.seq);
  for (const stored of chain.named.values()) {
    const bytes = await carried(stored);
    if (bytes !== undefined) yield `${valueLine(stored, bytes)}\n`;
  }
  yield `${head.line}\n`;
}

/** The events behind those that `chain` has taken, up to `last`. */
async function* eventsOf(
  readModel: Pick<ReadModel, 'events'>,
  chain: ExportChain,
  last: number,
): AsyncGenerator<string> {
  for (let more = true; more && chain.seq < last; ) {
    const page = await readModel.events(chain.runId, chain.seq, Math.min(PAGE, last - chain.seq), 'export');
    const items = page?.items ?? [];
    for (const { json } of items) chain.take(json);
    if (items.length > 0) yield items.map(({ json }) => `${json}\n`).join('');
    more = page?.more === true && items.length > 0;
  }
}
