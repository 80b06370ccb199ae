import { runCommands, runEvents, terminalEventTypes } from '@interlock/contracts';
import type { RunRow } from '../read-store.js';
import { type AcceptedRecords, recallFor, runsToRecall } from '../recall.js';
import { isStart, type RunsProjection } from '../runs.projection.js';
import type { PreloadedStore } from './preloaded.store.js';
import type { RedisStore } from './redis.store.js';

/** What the projection may take now. */
interface Preloaded {
  readonly ready: readonly AcceptedRecords[];
  /** Rows that were found. */
  readonly found: ReadonlyMap<string, RunRow>;
}

/**
 * Fetches what the projection will ask for while it takes these records: runs that start or move and are not in memory, and approvals
 * that move. What is fetched may be ahead of these records, when another gateway is; the fold passes over what it has already taken.
 */
export async function preload<State>(
  store: RedisStore,
  projection: RunsProjection<State, PreloadedStore>,
  records: readonly AcceptedRecords[],
): Promise<Preloaded> {
  const starting = records.flatMap(startsIn).filter((runId) => projection.runs.resident(runId) === undefined);
  const moving = records.flatMap((read) => runsToRecall(projection, read));
  const canBeTaken = await Promise.all(records.map((read) => recallFor(projection, read)));
  // Rows after events: whoever waits for a move that is passed over because it was recalled is told by the row.
  const [loaded, approvals] = await Promise.all([
    store.stood([...new Set([...starting, ...moving])]),
    store.approvalsOf([...new Set(records.flatMap(decidingIn))]),
  ]);
  projection.store.load(loaded, approvals);
  return {
    ready: records.filter((_, at) => canBeTaken[at]),
    found: new Map([...loaded].flatMap(([runId, { row }]) => (row === undefined ? [] : [[runId, row]]))),
  };
}

/** A start says in its metadata which run it begins. */
const startsIn = ({ topic, accepted }: AcceptedRecords): string[] =>
  topic !== runCommands.name
    ? []
    : accepted.flatMap(({ wires, meta }) => (isStart(wires[0]) && meta.run !== undefined ? [meta.run] : []));

/** Runs whose approvals move. */
const decidingIn = ({ topic, accepted }: AcceptedRecords): string[] =>
  topic !== runEvents.name
    ? []
    : accepted.flatMap(({ wires, meta }) =>
        meta.run !== undefined && wires.some((wire) => movesApprovals(wire)) ? [meta.run] : [],
      );

function movesApprovals(wire: string): boolean {
  const type = wire.slice(0, wire.lastIndexOf('/'));
  return type.startsWith('approval.') || terminalEventTypes.has(type);
}
