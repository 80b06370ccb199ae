import type { Verdict, Verdicts } from '@interlock/checks';
import { afterAll, describe, expect, test } from 'vitest';
import { type AttemptKind, allowedKinds, attemptKinds } from './hostile.model.ts';
import { HostileRun, verdicts } from './hostile.run.ts';
import { brokenInvariants } from './invariants.of.run.ts';
import { type AttemptOutcome, counted } from './outcomes.ts';
import { outsidePolicy } from './outside.policy.ts';

/** Seeded runs; the figures of `HOSTILE_PRINT=1` are those of the documentation. */
const RUNS = Number(process.env.HOSTILE_RUNS ?? 1_000);
const AT_ONCE = 100;

const table = new Map<AttemptKind, Map<AttemptOutcome, number>>(
  attemptKinds.map((kind) => [kind, new Map()]),
);
const sum = { attempts: 0, effects: 0, ended: 0, setAside: 0 };

async function play(seed: number): Promise<string[]> {
  const run = new HostileRun(seed);
  const hasEnded = await run.play();
  for (const { kind, outcome } of counted(run)) {
    const row = table.get(kind)!;
    row.set(outcome, (row.get(outcome) ?? 0) + 1);
    sum.attempts += 1;
  }
  sum.ended += hasEnded ? 1 : 0;
  sum.effects += run.shop.done.length;
  sum.setAside += run.bus.refused.length;
  const problems = [
    ...(hasEnded ? [] : ['it never ended']),
    ...run.bus.refused.filter((why) => !why.endsWith('decision.too_large')),
    ...outsidePolicy(run),
    ...brokenInvariants(run),
  ];
  return problems.map((problem) => `seed ${seed} (${run.level}): ${problem}`);
}

/** Policy with one of its rules taken back. */
const without = (change: Partial<Verdict>): Verdicts =>
  ({
    plans: verdicts.plans,
    canJudge: (hash: string) => verdicts.canJudge(hash),
    after: (asked: never) => verdicts.after(asked),
    before: (asked: never) => ({ ...verdicts.before(asked), ...change }),
  }) as unknown as Verdicts;

async function playedWith(judge: Verdicts) {
  const problems: string[] = [];
  const refused: string[] = [];
  for (let seed = 1; seed <= 40; seed += 1) {
    const run = new HostileRun(seed, judge);
    await run.play();
    problems.push(...outsidePolicy(run), ...brokenInvariants(run));
    for (const { type, data } of run.bus.log('tool.events'))
      if (type === 'tool.refused') refused.push((data as { code: string }).code);
  }
  return { problems: problems.join('\n'), refused };
}

const of = (kind: AttemptKind, outcome: AttemptOutcome): number => table.get(kind)?.get(outcome) ?? 0;

afterAll(() => {
  if (process.env.HOSTILE_PRINT !== undefined) print();
});

describe('whatever a model proposes, nothing outside policy happens', () => {
  for (let first = 1; first <= RUNS; first += AT_ONCE) {
    const last = Math.min(RUNS, first + AT_ONCE - 1);
    test(`seeds ${first} to ${last}`, { timeout: 300_000 }, async () => {
      const problems: string[] = [];
      for (let seed = first; seed <= last; seed += 1) problems.push(...(await play(seed)));
      expect(problems.slice(0, 10)).toEqual([]);
    });
  }

  test.runIf(RUNS >= 500)('and every attempt is counted as what it is', () => {
    for (const kind of attemptKinds) {
      const all = [...table.get(kind)!.values()].reduce((total, count) => total + count, 0);
      expect([kind, all > 0]).toEqual([kind, true]);
      if (!allowedKinds.has(kind)) expect([kind, of(kind, 'executed')]).toEqual([kind, 0]);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    // A check of the check: what is allowed gets through, and each way of saying no has been taken.
    for (const kind of allowedKinds) expect([kind, of(kind, 'executed') > 0]).toEqual([kind, true]);
    expect(of('unlisted', 'unlisted')).toBeGreaterThan(0);
    expect(of('of another customer', 'denied by policy')).toBeGreaterThan(0);
    expect(of('another order in its own name', 'refused by the target')).toBeGreaterThan(0);
    expect(of('with other key order', 'repeated')).toBeGreaterThan(0);
    expect(of('a little too long', 'invalid input')).toBeGreaterThan(0);
    expect(of('in order', 'denied by people')).toBeGreaterThan(0);
    expect(of('in order, for two', 'people did not answer')).toBeGreaterThan(0);
  });
});

describe('and it would be noticed', () => {
  test('if policy asked nobody for what a model proposes, and the executor refuses it as unsafe', async () => {
    const { problems, refused } = await playedWith(without({ approval: undefined }));
    expect(problems).toMatch(/I4: .* allowed without any person/);
    expect(problems).not.toMatch(/0 people agreed/);
    expect(refused).toContain('influenced');
  });

  test('if policy allowed whatever is proposed', async () => {
    const approval = { kind: 'single' as const, approvers: ['support'] };
    const { problems } = await playedWith(without({ verdict: 'allow', approval }));
    expect(problems).toMatch(/for another customer/);
    expect(problems).toMatch(/too much/);
    expect(problems).toMatch(/too often/);
    expect(problems).toMatch(/[01] people agreed/);
  });
});

function print(): void {
  console.log(JSON.stringify(sum));
  for (const [kind, row] of table) console.log(kind, JSON.stringify(Object.fromEntries(row)));
}
