import { addCoverage, type Coverage, type PlantedBug, simulate } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { stopBugs } from './bugs/stop.bugs.ts';
import { product } from './product.ts';

/** Seeds in the default tests; a long run sets SIM_SEEDS. */
const SEEDS = Math.ceil(Number(process.env.SIM_SEEDS ?? 30) / 3);
/** The gate: every bug within this many seeds. */
const SEEDS_MAX = 100;
const stopping = { documents: 'talking', stops: true } as const;

test(`runs whose calls are stopped, and that go on once that is lifted, keep every invariant, in ${SEEDS} seeds`, {
  timeout: 60_000 + SEEDS * 8_000,
}, async () => {
  const failures: string[] = [];
  const coverage: Coverage = new Map();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const simulated = await simulate(seed, product, stopping);
    addCoverage(coverage, simulated);
    for (const { invariant, run, message } of simulated.violations.slice(0, 5))
      failures.push(
        `${invariant} ${run ?? ''}: ${message} (npm run sim -- --stops --documents talking --seed ${seed})`,
      );
  }
  expect(failures).toEqual([]);
  // Stopped, and made once the stop was lifted.
  for (const taken of ['call idle > stopped (step.stopped)', 'call stopped > requested (requested)'])
    expect([...coverage.keys()]).toContain(taken);
});

async function firstSeedThatFinds(bug: PlantedBug): Promise<number | undefined> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const { violations } = await simulate(seed, product, { documents: 'drawn', stops: true, bug });
    if (violations.some(({ invariant }) => bug.by?.includes(invariant) ?? true)) return seed;
  }
  return undefined;
}

describe('the simulator notices when', () => {
  for (const bug of stopBugs)
    test(bug.wrong, { timeout: 200_000 }, async () => {
      expect(await firstSeedThatFinds(bug)).toBeLessThanOrEqual(SEEDS_MAX);
    });
});
