/*
 * The spans of one partition of `run.events`.
 *
 * S1  A span is emitted by the event that ends it, and its ids follow from events: emitted again it is the same span.
 * S2  Nothing is committed before its spans are with the collector. The commit says how far that is, and where the first run began
 *     that had not ended there: from that place on it is read again after a restart, without emitting again what was emitted.
 */
import type { StoredRecord } from '@interlock/broker';
import { runEvents } from '@interlock/contracts';
import { type Accepted, FencedReader, isClaim, type Position } from '@interlock/log';
import { ProjectionRows } from '@interlock/projection';
import { runTraces } from './run.traces.js';
import type { FinishedSpan } from './span.js';

/** Where a partition goes on: read from `from`, emit what ends at `emitted` or behind it. */
export interface TraceStart {
  readonly from: Position;
  readonly emitted: number;
}

export type Deliver = (spans: readonly FinishedSpan[], settled: () => void) => void;

export class TracePartition {
  readonly #reader: FencedReader;
  readonly #open: ReturnType<typeof openRuns>;
  /** Spans that the event at hand emits. */
  #spans: FinishedSpan[] = [];
  readonly #emitted: number;
  /** Where runs began that have not ended, or whose end is not settled; in the order of the log. */
  readonly #began = new Map<string, Position>();
  #pending = 0;
  #settled: number;
  /** The position before the event that it could not process: a restart meets it again, so it is never skipped unseen. */
  #brokenAt: Position | undefined;

  constructor(
    readonly partition: number,
    { from, emitted }: TraceStart,
    broker: string,
    private readonly deliver: Deliver,
  ) {
    this.#reader = new FencedReader(runEvents.name, partition, from);
    this.#open = openRuns(broker, (span) => this.#spans.push(span));
    this.#emitted = emitted;
    this.#settled = Math.max(from.offset, emitted);
  }

  /** In front of it everything is emitted and settled. */
  get offset(): number {
    return this.#pending > 0 ? this.#settled : Math.max(this.#emitted, this.#position.offset);
  }

  /** What to commit (S2). */
  get start(): TraceStart {
    const [first] = this.#began.values();
    return { from: first ?? this.#position, emitted: this.offset };
  }

  /** @throws {CorruptLogError} and whatever an event throws that is not what its type says: nothing behind it is taken */
  take(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const before = this.#reader.position;
      if (record.offset < before.offset) continue;
      const taken = this.#reader.take(record);
      const run = taken === undefined || isClaim(taken) ? undefined : taken.meta.run;
      if (taken === undefined || run === undefined) continue;
      this.#orBroken(before, () => this.#trace(taken, run, before));
    }
  }

  get #position(): Position {
    return this.#brokenAt ?? this.#reader.position;
  }

  #orBroken(before: Position, trace: () => void): void {
    try {
      trace();
    } catch (error) {
      this.#brokenAt = before;
      throw error;
    }
  }

  #trace(taken: Accepted, run: string, before: Position): void {
    const wasOpen = this.#open.get(run) !== undefined;
    this.#spans = [];
    this.#open.take({ partition: this.partition, record: taken.record, opened: taken });
    const spans = this.#spans;
    const isOpen = this.#open.get(run) !== undefined;
    if (isOpen && !wasOpen) this.#began.set(run, before);
    const forget = () => {
      if (wasOpen && !isOpen) this.#began.delete(run);
    };
    if (spans.length === 0 || taken.offset < this.#emitted) {
      forget();
      return;
    }
    if (this.#pending === 0) this.#settled = taken.offset;
    this.#pending += 1;
    this.deliver(spans, () => {
      this.#pending -= 1;
      this.#settled = taken.offset + 1;
      forget();
    });
  }
}

const openRuns = (broker: string, emit: (span: FinishedSpan) => void) =>
  new ProjectionRows(runTraces(broker), emit);

/** As a commit says it. */
export const startText = ({ from: { offset, epoch, index } }: TraceStart): string =>
  `${offset}.${epoch}.${index}`;

/** Undefined: not written by us. */
export function readStart(emitted: number, text: string): TraceStart | undefined {
  const [offset = Number.NaN, epoch = Number.NaN, index = Number.NaN] = text.split('.').map(Number);
  if (![offset, epoch, index].every(Number.isSafeInteger)) return undefined;
  return { from: { offset, epoch, index }, emitted };
}
