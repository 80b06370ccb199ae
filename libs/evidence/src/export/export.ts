import type { KeyPair } from '@interlock/authority';
import { GENESIS, linkHash } from '@interlock/log';
import { type Head, signHead } from './head.js';
import type { TextLine } from './lines.js';
import { parseLine } from './parse-line.js';

/** What was to be exported is not a chain: nothing is signed. */
export class BrokenChainError extends Error {
  readonly code = 'evidence.broken_chain';

  constructor(runId: string, seq: number, why: string) {
    super(`event ${seq} of run ${runId} cannot be exported: ${why}`);
    this.name = 'BrokenChainError';
  }
}

/**
 * Checks records on their way into an export and signs what it has seen. A signature then never covers a record that
 * does not follow the one before it, whatever cache it was read from.
 */
export class ExportSigner {
  #seq = 0;
  #hash = GENESIS;

  constructor(readonly runId: string) {}

  /**
   * Takes the next line, as JSON.
   * @throws {BrokenChainError}
   */
  take(text: string): void {
    const seq = this.#seq + 1;
    const record = parseLine({ line: seq, text });
    if (record.kind === 'broken') throw new BrokenChainError(this.runId, seq, record.what);
    if (record.kind === 'head') throw new BrokenChainError(this.runId, seq, 'a head stands in its place');
    const { meta, t, m, value, hash } = record;
    if (meta.run !== this.runId || meta.seq !== seq) {
      throw new BrokenChainError(this.runId, seq, `event ${meta.seq} of run ${meta.run} stands in its place`);
    }
    if (!linkHash(this.#hash, t, m, value).equals(hash)) {
      throw new BrokenChainError(this.runId, seq, 'its hash does not fit its bytes and the event before it');
    }
    this.#seq = seq;
    this.#hash = hash;
  }

  /** The last line: what has been taken so far, signed. @param now UTC ms */
  head(key: KeyPair, now: number): string {
    const head: Omit<Head, 'keyId'> = {
      runId: this.runId,
      seq: this.#seq,
      hash: Buffer.from(this.#hash).toString('hex'),
      time: new Date(now).toISOString(),
    };
    return JSON.stringify(signHead(head, key));
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
