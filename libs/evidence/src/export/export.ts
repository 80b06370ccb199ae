import type { CodeOf, StoredValue } from '@interlock/contracts';
import { GENESIS, linkHash } from '@interlock/log';
import type { TextLine } from './lines.js';
import { namedValues } from './named.values.js';
import { parseLine } from './parse-line.js';

/** What was to be exported is not a chain: no part of it is sent. */
export class BrokenChainError extends Error {
  readonly code = 'evidence.broken_chain' satisfies CodeOf<'fault'>;

  constructor(runId: string, seq: number, why: string) {
    super(`event ${seq} of run ${runId} cannot be exported: ${why}`);
    this.name = 'BrokenChainError';
  }
}

/**
 * Checks on their way into an export that records follow one another, whatever cache they were read from. A recomputed chain passes: only
 * the signed head, from a service that folded the log, tells it from the accepted one.
 */
export class ExportChain {
  #seq = 0;
  #hash = GENESIS;

  /** Values that are kept outside of the log, by their hashes. */
  readonly named = new Map<string, StoredValue>();

  constructor(readonly runId: string) {}

  /**
   * Takes the next line, as JSON.
   * @throws {BrokenChainError}
   */
  take(text: string): void {
    const seq = this.#seq + 1;
    const record = parseLine({ line: seq, text });
    if (record.kind === 'broken') throw new BrokenChainError(this.runId, seq, record.what);
    if (record.kind !== 'record')
      throw new BrokenChainError(this.runId, seq, `a ${record.kind} stands in its place`);
    const { meta, lastSeq, hash } = record;
    if (meta.run !== this.runId || meta.seq !== seq) {
      throw new BrokenChainError(this.runId, seq, `event ${meta.seq} of run ${meta.run} stands in its place`);
    }
    if (!linkHash(this.#hash, record).equals(hash)) {
      throw new BrokenChainError(this.runId, seq, 'its hash does not fit its bytes and the event before it');
    }
    this.#seq = lastSeq;
    for (const stored of namedValues(record)) this.named.set(stored.hash, stored);
    this.#hash = hash;
  }

  /** Of the last event. */
  get seq(): number {
    return this.#seq;
  }
}

/** Lines that are already text, numbered from 1. */
export async function* numbered(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<TextLine> {
  let line = 0;
  for await (const text of texts) {
    line += 1;
    yield { line, text };
  }
}
