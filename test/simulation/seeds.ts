import { Worker } from 'node:worker_threads';
import { addCoverage, type Coverage, type Documents, simulate } from '@interlock/simulation';
import { migrationBugs } from './bugs/migration.bugs.ts';
import { scheduleBugs } from './bugs/schedule.bugs.ts';
import { stopBugs } from './bugs/stop.bugs.ts';
import { plantedBugs } from './planted-bugs.ts';
import { product } from './product.ts';
import type { SeedResult } from './seeds.totals.ts';

export interface SeedOptions {
  readonly documents: Documents;
  readonly schedules: boolean;
  readonly migrations: boolean;
  readonly stops: boolean;
  readonly coverage: boolean;
  /** Name of a planted bug. */
  readonly bug?: string | undefined;
}

export const everyBug = [...plantedBugs, ...scheduleBugs, ...migrationBugs, ...stopBugs];

export async function resultOf(
  seed: number,
  { documents, schedules, migrations, stops, coverage, bug: name }: SeedOptions,
  trace?: (line: string) => void,
): Promise<SeedResult> {
  const bug = everyBug.find((one) => one.name === name);
  const options = {
    schedules,
    migrations,
    stops,
    documents: bug?.documents ?? documents,
    ...(bug && { bug }),
    ...(trace && { trace }),
  };
  const simulated = await simulate(seed, product, options);
  const met: Coverage = new Map();
  if (coverage) addCoverage(met, simulated);
  const { description, virtualMs, counts, ends, asked, violations } = simulated;
  const rows = [...met].map(([transition, row]) => [transition, Object.fromEntries(row)] as const);
  const covered = Object.fromEntries(rows);
  return { seed, description, virtualMs, counts, ends, asked, violations, coverage: covered };
}

/** Runs the seeds in this thread, one after the other. */
async function* here(seeds: Iterable<number>, options: SeedOptions): AsyncGenerator<SeedResult> {
  for (const seed of seeds) yield await resultOf(seed, options);
}

/** Seeds that threads may be ahead of the one that is waited for, each. */
const AHEAD_MAX = 16;

/** Runs the seeds in `threads` threads. What they came to is given out in the order of the seeds. */
async function* inThreads(
  from: number,
  to: number,
  options: SeedOptions,
  threads: number,
): AsyncGenerator<SeedResult> {
  const done = new Map<number, SeedResult>();
  let next = from;
  let wanted = from;
  let wake: () => void = () => {};
  let broken: unknown;
  const idle = new Set<Worker>();
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL('./seeds.thread.ts', import.meta.url), { workerData: options });
    worker.on('message', (result: SeedResult) => {
      done.set(result.seed, result);
      idle.add(worker);
      wake();
    });
    worker.on('error', (error) => {
      broken = error;
      wake();
    });
    idle.add(worker);
    return worker;
  });
  const giveOut = () => {
    for (const worker of idle) {
      if (next > to || next >= wanted + threads * AHEAD_MAX) return;
      idle.delete(worker);
      worker.postMessage(next);
      next += 1;
    }
  };
  try {
    for (; wanted <= to; wanted += 1) {
      giveOut();
      while (!done.has(wanted) && broken === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        giveOut();
      }
      const result = done.get(wanted);
      if (result === undefined) throw broken;
      done.delete(wanted);
      yield result;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** What each seed comes to, in order. */
export function resultsOf(
  from: number,
  to: number,
  options: SeedOptions,
  threads: number,
): AsyncGenerator<SeedResult> {
  if (threads > 1) return inThreads(from, to, options, threads);
  const seeds = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  return here(seeds, options);
}
