import type { StoredRecord } from '@interlock/broker';
import type { Message } from '@interlock/contracts';
import fc from 'fast-check';
import { askingLifeOf, EventLog, lifeOf, startRecord } from './run.records.js';

export const runIds = ['a', 'b', 'c', 'd'] as const;

/** Two runs of tenants, one of which has a name that reads like an index of the other one's. */
export const tenants: Readonly<Record<string, string>> = { a: 'acme', c: 'acme:runs' };

const lives = {
  a: () => lifeOf('a', tenants.a),
  b: () => lifeOf('b'),
  c: () => askingLifeOf('c', true, tenants.c),
  d: () => askingLifeOf('d', false),
};

/** A history: for each entry, the run that moves next, and whether a new host or a late record comes with it. */
export const history = fc.array(
  fc.record({
    run: fc.constantFrom(...runIds),
    size: fc.integer({ min: 1, max: 3 }),
    claims: fc.boolean(),
    late: fc.boolean(),
  }),
  { maxLength: 20 },
);
type Entry = {
  readonly run: string;
  readonly size: number;
  readonly claims: boolean;
  readonly late: boolean;
};

/** `run.events` of a history. */
export async function logOf(entries: readonly Entry[]): Promise<readonly StoredRecord[]> {
  const log = new EventLog();
  const left = new Map<string, Message[]>(runIds.map((runId) => [runId, lives[runId]()]));
  for (const { run, size, claims, late } of entries) {
    if (claims) log.claim();
    const next = left.get(run)?.splice(0, size) ?? [];
    if (next.length > 0) await log.append(next.map((event) => [run, event] as const));
    if (late) log.late(run, lifeOf(run)[4]!);
  }
  return log.records;
}

/** `run.commands`: two different starts of each run. */
export const starts = runIds.flatMap((runId, at) => [
  startRecord(runId, 2 * at, 0, tenants[runId]),
  startRecord(runId, 2 * at + 1, 1, tenants[runId]),
]);

/** Cuts `records` into batches at `cuts`. */
export function batches(records: readonly StoredRecord[], cuts: readonly number[]): StoredRecord[][] {
  const at = [0, ...cuts.map((cut) => cut % (records.length + 1)).sort((a, b) => a - b), records.length];
  return at.slice(1).map((end, index) => records.slice(at[index], end));
}
