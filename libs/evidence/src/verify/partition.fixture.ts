import type { KeyPair } from '@interlock/authority';
import { HostClaimed } from '@interlock/contracts';
import {
  type Accepted,
  FencedReader,
  FencedWriter,
  GENESIS,
  type LogRecord,
  type Position,
  type ReadRecord,
  seal,
} from '@interlock/log';
import { type RecordLine, recordLine } from '../export/export-line.js';
import { signHead } from '../export/head.js';

/** One host on the partition: knows the chains as of its claim, and what it has written itself. */
class Host {
  readonly #seqs: Map<string, number>;
  readonly #hashes: Map<string, Uint8Array>;

  constructor(
    readonly writer: FencedWriter,
    accepted: readonly Accepted[],
  ) {
    const own = accepted.filter(({ meta }) => meta.run !== undefined);
    this.#seqs = new Map(own.map(({ meta }) => [meta.run!, meta.seq!]));
    this.#hashes = new Map(own.map(({ meta, hash }) => [meta.run!, hash]));
  }

  async write(run: string, type: string, data: unknown, time: number): Promise<void> {
    const seq = (this.#seqs.get(run) ?? 0) + 1;
    const value = Buffer.from(JSON.stringify(data));
    const draft = {
      key: run,
      wire: `${type}/1`,
      value,
      meta: { run, seq, time, cause: `${run}/${seq - 1}` },
    };
    const previous = () => this.#hashes.get(run) ?? GENESIS;
    const { hashes } = await this.writer.append([draft], {}, [], previous);
    this.#seqs.set(run, seq);
    this.#hashes.set(run, hashes[0]!);
  }
}

/** A partition of `run.events` with the real writer and the real reader's rule. A deposed host may go on writing to it. */
export class PartitionUnderTest {
  readonly records: ReadRecord[] = [];
  /** Give hosts the answer they hope for: a deposed one then never learns that it is. */
  deaf = false;

  claim(): Host {
    const { before, accepted } = this.#read();
    const epoch = this.records.length;
    const value = Buffer.from(JSON.stringify({ claimId: String(epoch), host: 'test', versions: [] }));
    const meta = { id: String(epoch), epoch: -1, index: 0, time: 0 };
    this.#store([seal({ key: 'host', wire: HostClaimed.wire, meta, value }, GENESIS).record]);
    let expected = epoch + 1;
    const append = async (_topic: string, _partition: number, records: readonly LogRecord[]) => {
      const first = this.#store(records);
      const answer = this.deaf ? expected : first;
      expected = answer + records.length;
      return answer;
    };
    const claimed = { offset: epoch + 1, epoch, index: 0 };
    return new Host(new FencedWriter({ append }, 'run.events', 0, claimed, before), accepted);
  }

  /** What every reader accepts of a run. */
  accepted(run: string): RecordLine[] {
    return this.#read()
      .accepted.filter(({ meta }) => meta.run === run)
      .map(({ record }) => lineOf(record));
  }

  /** What no reader accepts. */
  ignored(run: string): RecordLine[] {
    const accepted = new Set(this.accepted(run).map(({ hash }) => hash));
    const ours = this.records.filter(({ key }) => key === run).map(lineOf);
    return ours.filter(({ hash }) => !accepted.has(hash));
  }

  #read(): { before: Position; accepted: Accepted[] } {
    const reader = new FencedReader('run.events', 0);
    const accepted = this.records.map((record) => reader.take(record)).filter((taken) => taken !== undefined);
    return { before: reader.position, accepted };
  }

  #store(records: readonly LogRecord[]): number {
    const first = this.records.length;
    for (const { key, headers, value } of records) {
      // Other objects with the same bytes, as another process reads them.
      const copied = Object.fromEntries(
        Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)]),
      );
      this.records.push({ key, headers: copied, value, offset: this.records.length });
    }
    return first;
  }
}

function lineOf({ key, headers, value }: ReadRecord): RecordLine {
  const { t, m, h } = headers as Record<'t' | 'm' | 'h', Uint8Array>;
  return recordLine({
    key,
    wire: Buffer.from(t).toString(),
    meta: m,
    link: h,
    value: value ?? new Uint8Array(),
  });
}

/** The texts of an export: records, then the signed head. */
export function exportOf(run: string, lines: readonly RecordLine[], key: KeyPair, now: number): string[] {
  const texts = lines.map((line) => JSON.stringify(line));
  const hash = lines.at(-1)?.hash ?? '0'.repeat(64);
  const head = { runId: run, seq: lines.length, hash, time: new Date(now).toISOString() };
  return [...texts, JSON.stringify(signHead(head, key))];
}
