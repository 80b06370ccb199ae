import type { Broker, OffsetOutOfRangeError } from '@interlock/broker';
import { errorText, runEvents } from '@interlock/contracts';
import { open } from '@interlock/log';
import { type Decision, type DecisionPlace, decisionOf } from './decision.js';
import { EventsGoneError } from './events.gone.js';
import { ReadModelUnavailableError } from './read-model.unavailable.js';
import type { RunRow } from './read-store.js';

/** Where records are read back from. */
export type RecordLog = Pick<Broker, 'readAt'>;

/** What a store says of a run: its row, and where its decisions stand. */
export interface StoredRuns {
  run(runId: string): RunRow | undefined | Promise<RunRow | undefined>;
  /** Of the events of a run that are stored, also of one without a row; 0: none. */
  lastSeq(runId: string): number | Promise<number>;
  /** Of the decisions that hold the next `limit` events behind `after`, in their order. */
  places(
    runId: string,
    after: number,
    limit: number,
  ): readonly DecisionPlace[] | Promise<readonly DecisionPlace[]>;
}

const PLACES_AT_ONCE = 5_000;
/** Read together when a history is gone through from its end: what is looked for mostly stands there. */
const LATEST_AT_ONCE = 50;

/** What happened to runs: the store says where it stands, the log says what it is. */
export class RunHistories {
  constructor(
    readonly stored: StoredRuns,
    readonly log: RecordLog,
  ) {}

  /**
   * The decisions that hold the next `limit` events behind `after`, in order, some at a time: stop as soon as it is enough.
   * @throws {EventsGoneError} the log does not hold one of them any more
   * @throws {ReadModelUnavailableError} the log does not answer
   */
  async *behind(
    runId: string,
    after: number,
    limit = Number.MAX_SAFE_INTEGER,
  ): AsyncGenerator<readonly Decision[]> {
    for (let seq = after; seq < after + limit; ) {
      const wanted = Math.min(PLACES_AT_ONCE, after + limit - seq);
      const places = await this.stored.places(runId, seq, wanted);
      yield* this.#read(runId, places);
      const last = places.at(-1)?.lastSeq ?? seq;
      if (last < seq + wanted) return;
      seq = last;
    }
  }

  /** All decisions, the latest ones first, some at a time, each time in order. @throws as `behind` */
  async *fromLatest(runId: string): AsyncGenerator<readonly Decision[]> {
    const places = await this.stored.places(runId, 0, Number.MAX_SAFE_INTEGER);
    for (let end = places.length; end > 0; end -= LATEST_AT_ONCE) {
      const found: Decision[] = [];
      const wanted = places.slice(Math.max(0, end - LATEST_AT_ONCE), end);
      for await (const decisions of this.#read(runId, wanted)) found.push(...decisions);
      yield found;
    }
  }

  async *#read(runId: string, places: readonly DecisionPlace[]): AsyncGenerator<readonly Decision[]> {
    for (let left = places; left.length > 0; ) {
      const partition = left[0]?.partition ?? 0;
      const offsets = left.map(({ offset }) => offset);
      const records = await this.log
        .readAt(runEvents.name, partition, offsets)
        .catch((error: unknown) => this.#failed(runId, left, error));
      if (records.length === 0) throw EventsGoneError.missing(runId, left);
      const decisions = records.map((record, at) => {
        const opened = open(record);
        const decision = opened && decisionOf(opened, record);
        const place = left[at];
        if (place === undefined || decision === undefined || !isAt(place, runId, decision))
          throw EventsGoneError.another(runId, place ?? { partition, offset: record.offset, seq: 0 });
        return decision;
      });
      yield decisions;
      left = left.slice(records.length);
    }
  }

  #failed(runId: string, left: readonly DecisionPlace[], error: unknown): never {
    if (isOutOfRange(error)) throw EventsGoneError.trimmed(runId, left, error);
    throw new ReadModelUnavailableError(`the log cannot be read (${errorText(error)})`, { cause: error });
  }
}

/** Whether the log holds at `place` what was read there: all records of a run have different seqs. */
const isAt = (place: DecisionPlace, runId: string, { record, ...decision }: Decision): boolean =>
  record.offset === place.offset &&
  decision.runId === runId &&
  decision.seq === place.seq &&
  decision.lastSeq === place.lastSeq;

const OUT_OF_RANGE: OffsetOutOfRangeError['code'] = 'broker.offset_out_of_range';

/** By its code: it may come from another thread. */
const isOutOfRange = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === OUT_OF_RANGE;
