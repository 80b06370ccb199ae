import { type Simulated, simulate } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { product } from './product.ts';
import once from './seeds.json' with { type: 'json' };

/** Seeds in the default tests; CI gives SIM_SEEDS=150. */
const SEEDS = Number(process.env.SIM_SEEDS ?? 30);
const FROM = Number(process.env.SIM_FROM ?? 1);
/** Seeds that are run twice, to see that they give the same bytes. */
const TWICE = 3;
/** Seeds of one test, so that progress is seen. */
const AT_ONCE = 10;

/** What a failing seed prints: enough to look at it again. */
const reportOf = ({ seed, description, violations }: Simulated): string =>
  [
    `seed ${seed}: ${description}`,
    ...violations.slice(0, 5).map(({ invariant, run, message }) => `  ${invariant} ${run ?? ''}: ${message}`),
    `  npm run sim -- --seed ${seed} --trace`,
  ].join('\n');

/** How runs and questions to people ended, in all seeds together: a check of the check. */
const seen = new Set<string>();

async function failuresOf(seeds: readonly number[]): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of seeds) {
    const simulated = await simulate(seed, product);
    for (const what of [...Object.keys(simulated.ends), ...Object.keys(simulated.asked)]) seen.add(what);
    if (simulated.violations.length > 0) failures.push(reportOf(simulated));
  }
  return failures;
}

describe('whatever is killed, suspended, lost, late, repeated or forged, every invariant holds and every run ends', () => {
  for (let first = FROM; first < FROM + SEEDS; first += AT_ONCE) {
    const seeds = Array.from(
      { length: Math.min(AT_ONCE, FROM + SEEDS - first) },
      (_, place) => first + place,
    );
    test(`seeds ${first} to ${seeds.at(-1)}`, { timeout: 120_000 }, async () => {
      expect(await failuresOf(seeds)).toEqual([]);
    });
  }

  test('seeds that once failed', { timeout: 120_000 }, async () => {
    expect(await failuresOf(once.map(({ seed }) => seed))).toEqual([]);
  });

  test('and runs and what people were asked ended in every way', () => {
    for (const way of ['completed', 'failed', 'cancelled', 'rolled_back', 'escalated'])
      expect(seen).toContain(way);
    for (const way of ['granted', 'denied', 'expired', 'withdrawn']) expect(seen).toContain(way);
  });
});

describe('the same seed gives the same bytes in every topic', () => {
  for (let seed = FROM; seed < FROM + TWICE; seed += 1) {
    test(`seed ${seed}`, { timeout: 60_000 }, async () => {
      const [first, second] = [await simulate(seed, product), await simulate(seed, product)];
      expect(second.digest).toBe(first.digest);
      expect(second.counts).toEqual(first.counts);
    });
  }

  test('and another seed gives others', { timeout: 60_000 }, async () => {
    const [first, second] = [await simulate(FROM, product), await simulate(FROM + 1, product)];
    expect(second.digest).not.toBe(first.digest);
  });
});
