import { type PlantedBug, simulate } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { plantedBugs } from './planted-bugs.ts';
import { product } from './product.ts';

/** The gate: every bug within this many seeds. */
const SEEDS_MAX = 300;
/** Bugs that take more than a few seeds, and the seed that found them last: tests begin there. */
const beginAt: Readonly<Record<string, number>> = {
  'cache-forgets-others': 24,
  'late-votes-count': 27,
  'timers-before-inputs': 13,
  'undone-again': 29,
  'undone-by-hope': 12,
  'undone-in-doubt': 37,
  'undone-in-order': 5,
};

async function firstSeedThatFinds(bug: PlantedBug): Promise<number | undefined> {
  for (let seed = beginAt[bug.name] ?? 1; seed <= SEEDS_MAX; seed += 1) {
    const { violations } = await simulate(seed, product, { bug, documents: bug.documents });
    if (violations.some(({ invariant }) => bug.by?.includes(invariant) ?? true)) return seed;
  }
  return undefined;
}

describe('the simulator notices when', () => {
  for (const bug of plantedBugs) {
    test(bug.wrong, { timeout: 120_000 }, async () => {
      expect(await firstSeedThatFinds(bug)).toBeLessThanOrEqual(SEEDS_MAX);
    });
  }
});
