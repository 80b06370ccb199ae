import { runCommands, terminalEventTypes } from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import type { RunRow } from '../read-store.js';
import type { RunsProjection } from '../runs.projection.js';
import { readStart } from '../runs.projection.js';
import type { StoredDecision } from '../stored.decision.js';
import type { LoadedRun, PreloadedStore } from './preloaded.store.js';
import type { RedisStore } from './redis.store.js';

const PAGE = 1_000;

export interface AcceptedRecords {
  readonly topic: string;
  readonly partition: number;
  readonly accepted: readonly Accepted[];
}

/**
 * Fetches what the projection will ask for while it takes these records: runs that move and are not in memory, and approvals that
 * move. What is fetched may be ahead of these records, when another gateway is; the fold passes over what it has already taken.
 * @returns the rows that were found
 */
export async function preload<State>(
  store: RedisStore,
  { runs, store: preloaded }: RunsProjection<State, PreloadedStore>,
  records: readonly AcceptedRecords[],
): Promise<ReadonlyMap<string, RunRow>> {
  const { starting, moving, deciding } = wantedBy(records);
  const moved = [...moving].filter((runId) => !runs.has(runId));
  const started = [...starting].filter((runId) => !runs.has(runId) && !moving.has(runId));
  const [known, approvals] = await Promise.all([store.runs(started), store.approvalsOf([...deciding])]);
  const loaded = new Map<string, LoadedRun>();
  for (const runId of started) loaded.set(runId, { row: undefined, decisions: [] });
  for (const [runId, run] of await wholeRuns(store, [...known.keys(), ...moved])) loaded.set(runId, run);
  preloaded.load(loaded, approvals);
  return new Map([...loaded].flatMap(([runId, { row }]) => (row === undefined ? [] : [[runId, row]])));
}

/** Rows after decisions: a run that has events then has its row, which was stored with them. */
async function wholeRuns(store: RedisStore, runIds: readonly string[]): Promise<Map<string, LoadedRun>> {
  const decisions = await Promise.all(runIds.map((runId) => allDecisions(store, runId)));
  const rows = await store.runs(runIds);
  return new Map(
    runIds.map((runId, index) => [runId, { row: rows.get(runId), decisions: decisions[index] ?? [] }]),
  );
}

export async function allDecisions(store: RedisStore, runId: string): Promise<StoredDecision[]> {
  const decisions: StoredDecision[] = [];
  for (let more = true; more; ) {
    const after = decisions.at(-1)?.lastSeq ?? 0;
    decisions.push(...(await store.decisions(runId, after, PAGE)));
    more = (decisions.at(-1)?.lastSeq ?? 0) >= after + PAGE;
  }
  return decisions;
}

function wantedBy(records: readonly AcceptedRecords[]) {
  const starting = new Set<string>();
  const moving = new Set<string>();
  const deciding = new Set<string>();
  const begun = new Set<string>();
  for (const { topic, accepted } of records) {
    for (const one of accepted) {
      if (topic === runCommands.name) {
        const start = readStart(one);
        if (start !== undefined) starting.add(start.runId);
        continue;
      }
      const { run, seq } = one.meta;
      if (run === undefined || seq === undefined) continue;
      if (seq === 1) begun.add(run);
      else if (!begun.has(run)) moving.add(run);
      const types = one.wires.map((wire) => wire.slice(0, wire.lastIndexOf('/')));
      if (types.some((type) => type.startsWith('approval.') || terminalEventTypes.has(type)))
        deciding.add(run);
    }
  }
  return { starting, moving, deciding };
}
