import { isSettled } from '@interlock/contracts/http';
import { knownApproval, listApprovals } from './approval-queries.js';
import type { ReadModel } from './read-model.js';
import { readModelClosed } from './read-model.unavailable.js';
import { ReadStore } from './read-store.js';
import { RecordIntake } from './record.intake.js';
import { type RecordLog, RunHistories } from './run.histories.js';
import type { RunFold } from './run.view.js';
import {
  commandStanding,
  eventsOf,
  inputStart,
  knownRun,
  listRuns,
  matchingRuns,
  stateAt,
} from './run-queries.js';
import { RunWatchers, type Watched } from './run-watchers.js';
import { RunsProjection } from './runs.projection.js';
import { StepTables, stepPage } from './step-queries.js';

/** Stored at the latest this long after it was read, or when so many records wait. */
const FLUSH_MS = 50;
const FLUSH_RECORDS = 500;

/**
 * The read model in the calling thread.
 * @param path SQLite file, or `:memory:`
 * @param log what records are read back from
 * @param report called when a batch could not be stored, which is tried again with the next one, and when the log could not be read
 */
export function inlineReadModel<State>(
  path: string,
  fold: RunFold<State>,
  log: RecordLog,
  report: (error: unknown) => void,
): ReadModel {
  const watchers = new RunWatchers();
  const store = new ReadStore(path);
  const tables = new StepTables();
  const projection = new RunsProjection(store, new RunHistories(store, log), fold, (run) => {
    if (watchers.watches(run.runId)) {
      watchers.moved(run.runId, { status: projection.runs.status(run), seq: run.seq });
    }
  });
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();

  const mustBeOpen = (): void => {
    if (closing.signal.aborted) throw readModelClosed();
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    try {
      projection.flush();
    } catch (error) {
      report(error);
    }
  };

  const intake = new RecordIntake(
    projection,
    () => {
      if (projection.pending >= FLUSH_RECORDS) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    report,
  );

  /** What `ask` says of everything that was fed before. */
  const asked = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    await intake.drained();
    mustBeOpen();
    return ask();
  };

  const moved = async (runId: string, met: (run: Watched) => boolean, signal: AbortSignal): Promise<void> => {
    await watchers.wait(runId, met, AbortSignal.any([signal, closing.signal]));
    mustBeOpen();
  };

  const grown: ReadModel['grown'] = async (runId, seq, signal) => {
    mustBeOpen();
    if (projection.runs.seqOf(runId) > seq) return;
    await moved(runId, (run) => run.seq > seq, signal);
  };

  return {
    feed: (topic, partition, records) => intake.feed(topic, partition, records),
    accept: (start) => {
      if (!closing.signal.aborted) projection.accept(start);
    },
    async startOf(topic, partition) {
      mustBeOpen();
      return inputStart(projection, topic, partition);
    },
    resume: async () => undefined,
    drain: () => intake.drained(),
    serve: () => intake.drained(),
    lost: (signal) => abortOf(signal),
    clear: async () => {
      tables.clear();
      projection.clear();
    },
    run: (runId) => asked(() => knownRun(projection, runId)),
    list: (request) => asked(() => listRuns(projection, request)),
    matching: (request) => asked(() => matchingRuns(projection, request)),
    approval: (approvalId) => asked(() => knownApproval(projection, approvalId)),
    approvals: (request) => asked(() => listApprovals(projection, request)),
    events: (runId, after, limit, form) => asked(() => eventsOf(projection, runId, after, limit, form)),
    async newEvents(runId, after, limit, form, signal) {
      await grown(runId, after, signal);
      return eventsOf(projection, runId, after, limit, form);
    },
    steps: (runId, request) =>
      asked(async () => {
        const run = knownRun(projection, runId);
        if (run === undefined) return undefined;
        if (projection.pending > 0) projection.flush();
        return stepPage(await tables.of(projection.histories, runId), run, request);
      }),
    stateAt: (runId, at) =>
      asked(() => {
        if (projection.pending > 0) projection.flush();
        return stateAt(projection.histories, fold, runId, at);
      }),
    command: (runId, commandId) => asked(() => commandStanding(projection, runId, commandId)),
    async settled(runId, signal) {
      await intake.drained();
      mustBeOpen();
      const now = knownRun(projection, runId);
      if (now !== undefined && isSettled(now.status)) return now;
      await moved(runId, ({ status }) => isSettled(status), signal);
      return signal.aborted ? undefined : knownRun(projection, runId);
    },
    grown,
    async status() {
      return {
        applied: projection.applied,
        resident: projection.runs.size,
        blocked: [...projection.blocked],
      };
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      intake.close();
      flush();
      store.close();
    },
  };
}

/** A file is never unavailable while its process lives. */
const abortOf = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
