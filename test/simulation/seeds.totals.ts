import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Violation } from '@interlock/invariants';
import type { Simulated } from '@interlock/simulation';

type Counts = Record<string, number>;

/** What one seed came to, as it passes from one thread to another. */
export interface SeedResult
  extends Pick<Simulated, 'seed' | 'description' | 'virtualMs' | 'counts' | 'ends' | 'asked'> {
  readonly violations: readonly Violation[];
  /** By transition, then by fault; empty where nobody asks. */
  readonly coverage: Readonly<Record<string, Counts>>;
}

/** What many seeds came to. A file of it can be gone on with. */
export interface Totals {
  readonly from: number;
  /** All seeds in front of it have been run. */
  next: number;
  seconds: number;
  virtualMs: number;
  readonly failed: { readonly seed: number; readonly violations: readonly Violation[] }[];
  readonly counts: Counts;
  readonly ends: Counts;
  readonly asked: Counts;
  readonly coverage: Record<string, Counts>;
}

export const noTotals = (from: number): Totals => ({
  from,
  next: from,
  seconds: 0,
  virtualMs: 0,
  failed: [],
  counts: {},
  ends: {},
  asked: {},
  coverage: {},
});

/** Violations of one seed that are kept. */
const VIOLATIONS_MAX = 5;

/** Seeds come in their order, so that `next` says all. */
export function addResult(totals: Totals, result: SeedResult): void {
  totals.next = result.seed + 1;
  totals.virtualMs += result.virtualMs;
  add(totals.counts, { ...result.counts });
  add(totals.ends, result.ends);
  add(totals.asked, result.asked);
  for (const [transition, met] of Object.entries(result.coverage)) {
    totals.coverage[transition] ??= {};
    add(totals.coverage[transition], met);
  }
  const { seed, violations } = result;
  if (violations.length > 0) totals.failed.push({ seed, violations: violations.slice(0, VIOLATIONS_MAX) });
}

function add(into: Counts, from: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}

export const readTotals = (file: string): Totals | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Totals) : undefined;

/** Whole, or as it was: a run that is cut off can be gone on with. */
export function writeTotals(file: string, totals: Totals): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(totals, undefined, 1)}\n`);
  renameSync(`${file}.part`, file);
}
