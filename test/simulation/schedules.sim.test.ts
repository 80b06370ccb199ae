import { type PlantedBug, type Simulated, simulate } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { scheduleBugs } from './bugs/schedule.bugs.ts';
import { product } from './product.ts';

/** Seeds in the default tests; a long run sets SIM_SEEDS. A third of them is enough: the same documents run without schedules, too. */
const SEEDS = Math.ceil(Number(process.env.SIM_SEEDS ?? 30) / 3);
/** Seeds that once failed: orders of what was decided, and not yet written down, by a host that had just taken over. */
const once = [21, 34, 93];
/** The gate: every bug within this many seeds. */
const SEEDS_MAX = 100;

const reportOf = ({ seed, description, violations }: Simulated): string =>
  [
    `seed ${seed} with schedules: ${description}`,
    ...violations.slice(0, 5).map(({ invariant, run, message }) => `  ${invariant} ${run ?? ''}: ${message}`),
    `  npm run sim -- --schedules --seed ${seed} --trace`,
  ].join('\n');

/** What became of due times, in all seeds together: a check of the check. */
const outcomes = new Map<string, number>();
function countOutcomes({ view }: Simulated): void {
  for (const records of view.topics.get('schedule.events') ?? [])
    for (const { headers } of records)
      for (const wire of Buffer.from(headers.t ?? '')
        .toString()
        .split(','))
        outcomes.set(wire, (outcomes.get(wire) ?? 0) + 1);
}

test(`every due time is dealt with once, whatever happens to processes and appends, in ${SEEDS} seeds`, {
  timeout: 60_000 + SEEDS * 6_000,
}, async () => {
  const failures: string[] = [];
  const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
  for (const seed of new Set([...seeds, ...once])) {
    const simulated = await simulate(seed, product, { schedules: true });
    countOutcomes(simulated);
    if (simulated.violations.length > 0) failures.push(reportOf(simulated));
  }
  expect(failures).toEqual([]);
  for (const type of ['started', 'queued', 'skipped', 'superseded', 'ordered', 'run_ended', 'deleted'])
    expect([type, outcomes.get(`schedule.${type}/1`)]).toEqual([type, expect.any(Number)]);
});

test('the same seed gives the same bytes in every topic', { timeout: 60_000 }, async () => {
  const [first, second] = [
    await simulate(3, product, { schedules: true }),
    await simulate(3, product, { schedules: true }),
  ];
  expect(second.digest).toBe(first.digest);
});

async function firstSeedThatFinds(bug: PlantedBug): Promise<number | undefined> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const { violations } = await simulate(seed, product, { bug, schedules: true });
    if (violations.some(({ invariant }) => bug.by?.includes(invariant) ?? true)) return seed;
  }
  return undefined;
}

describe('the simulator notices when', () => {
  for (const bug of scheduleBugs) {
    test(bug.wrong, { timeout: 120_000 }, async () => {
      expect(await firstSeedThatFinds(bug)).toBeLessThanOrEqual(SEEDS_MAX);
    });
  }
});
