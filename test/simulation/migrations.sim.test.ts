import { read } from '@interlock/invariants';
import { type PlantedBug, type Simulated, simulate } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { migrationBugs } from './bugs/migration.bugs.ts';
import { product } from './product.ts';

/** Seeds in the default tests; a long run sets SIM_SEEDS. A third of them is enough: the same documents run without migrations, too. */
const SEEDS = Math.ceil(Number(process.env.SIM_SEEDS ?? 30) / 3);
/** Seeds that once failed: a step that was skipped and begun anew; a child that had never completed, and was to undo what it did; a request ahead of a denied check. */
const once = [23, 88, 498];
/** The gate: every bug within this many seeds. */
const SEEDS_MAX = 100;
const migrating = { documents: 'drawn', migrations: true } as const;

const reportOf = ({ seed, description, violations }: Simulated): string =>
  [
    `seed ${seed} with migrations: ${description}`,
    ...violations.slice(0, 5).map(({ invariant, run, message }) => `  ${invariant} ${run ?? ''}: ${message}`),
    `  npm run sim -- --migrations --seed ${seed} --trace`,
  ].join('\n');

/** What became of migrations, in all seeds together: a check of the check. */
const met = { migrated: 0, renamed: 0, refused: 0, withTurns: 0, withCalls: 0 };
function count({ view }: Simulated): void {
  const { runs, states } = read(view);
  for (const [run, events] of runs)
    for (const [at, { type, data }] of events.entries()) {
      const before = states.get(run)?.[at - 1];
      if (type === 'command.refused' && data.command === 'run.migrate') met.refused += 1;
      if (type !== 'run.migrated' || before === undefined) continue;
      met.migrated += 1;
      if (data.map !== undefined) met.renamed += 1;
      if (before.scopes.length > 0) met.withTurns += 1;
      if (before.openRequests.length > 0) met.withCalls += 1;
    }
}

test(`runs that are migrated back and forth keep every invariant, whatever happens to processes and appends, in ${SEEDS} seeds`, {
  timeout: 60_000 + SEEDS * 8_000,
}, async () => {
  const failures: string[] = [];
  const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
  for (const seed of new Set([...seeds, ...once])) {
    const simulated = await simulate(seed, product, migrating);
    count(simulated);
    if (simulated.violations.length > 0) failures.push(reportOf(simulated));
  }
  expect(failures).toEqual([]);
  console.log(JSON.stringify(met));
  for (const [what, times] of Object.entries(met)) expect([what, times > 0]).toEqual([what, true]);
});

/** Bugs that take more than a few seeds, and the seed that found them last: tests begin there. */
const beginAt: Readonly<Record<string, number>> = { 'undone-as-now': 16 };

async function firstSeedThatFinds(bug: PlantedBug): Promise<number | undefined> {
  for (let seed = beginAt[bug.name] ?? 1; seed <= SEEDS_MAX; seed += 1) {
    const { violations } = await simulate(seed, product, { ...migrating, bug });
    if (violations.some(({ invariant }) => bug.by?.includes(invariant) ?? true)) return seed;
  }
  return undefined;
}

describe('the simulator notices when', () => {
  for (const bug of migrationBugs)
    test(bug.wrong, { timeout: 200_000 }, async () => {
      expect(await firstSeedThatFinds(bug)).toBeLessThanOrEqual(SEEDS_MAX);
    });
});
