import { isSettled } from '@interlock/contracts/http';
import { knownApproval, listApprovals } from './approval-queries.js';
import type { ReadModel } from './read-model.js';
import { ReadStore } from './read-store.js';
import type { RunFold } from './run.view.js';
import { commandStanding, eventsOf, knownRun, listRuns, stateAt } from './run-queries.js';
import { RunWatchers } from './run-watchers.js';
import { RunsProjection } from './runs.projection.js';

/** Stored at the latest this long after it was read, or when so many records wait. */
const FLUSH_MS = 50;
const FLUSH_RECORDS = 500;

/**
 * The read model in the calling thread.
 * @param path SQLite file, or `:memory:`
 * @param report told when a batch could not be stored; it is tried again with the next one
 */
export function inlineReadModel<State>(
  path: string,
  fold: RunFold<State>,
  report: (error: unknown) => void,
): ReadModel {
  const watchers = new RunWatchers();
  const projection = new RunsProjection(new ReadStore(path), fold, (run) => {
    if (watchers.watches(run.runId)) {
      watchers.moved(run.runId, { status: projection.runs.status(run), seq: run.seq });
    }
  });
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    try {
      projection.flush();
    } catch (error) {
      report(error);
    }
  };

  const grown: ReadModel['grown'] = async (runId, seq, signal) => {
    const run = projection.runs.find(runId);
    if (run !== undefined && run.seq > seq) return;
    await watchers.wait(runId, (moved) => moved.seq > seq, signal);
  };

  return {
    feed(topic, partition, records) {
      projection.apply(topic, partition, records);
      if (projection.pending >= FLUSH_RECORDS) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    accept: (start) => projection.accept(start),
    async startOf(topic, partition) {
      const next = projection.next(topic, partition);
      const position = projection.positions().get(`${topic}/${partition}`);
      return { next, last: position?.last ?? -1, link: Buffer.from(position?.link ?? []).toString('hex') };
    },
    resume: async () => undefined,
    drain: async () => undefined,
    serve: async () => undefined,
    lost: (signal) => abortOf(signal),
    clear: async () => projection.clear(),
    run: async (runId) => knownRun(projection, runId),
    list: async (request) => listRuns(projection, request),
    approval: async (approvalId) => knownApproval(projection, approvalId),
    approvals: async (request) => listApprovals(projection, request),
    events: async (runId, after, limit, form) => eventsOf(projection, runId, after, limit, form),
    async newEvents(runId, after, limit, form, signal) {
      await grown(runId, after, signal);
      return eventsOf(projection, runId, after, limit, form);
    },
    stateAt: async (runId, at) => stateAt(projection, runId, at),
    command: async (runId, commandId) => commandStanding(projection, runId, commandId),
    async settled(runId, signal) {
      const now = knownRun(projection, runId);
      if (now !== undefined && isSettled(now.status)) return now;
      await watchers.wait(runId, ({ status }) => isSettled(status), signal);
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
      flush();
      projection.store.close();
    },
  };
}

/** A file goes away with its process alone. */
const abortOf = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
