import {
  addCoverage,
  type Coverage,
  type Documents,
  documentsOf,
  seededRandom,
  sharesOf,
  simulate,
} from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import once from './documents.seeds.json' with { type: 'json' };
import { product } from './product.ts';
import onceTalking from './talking.seeds.json' with { type: 'json' };

/** Seeds in the default tests; CI gives SIM_SEEDS=150. */
const SEEDS = Number(process.env.SIM_SEEDS ?? 20);
const FROM = Number(process.env.SIM_FROM ?? 1);
const AT_ONCE = 5;

const coverage: Coverage = new Map();

async function failuresOf(seeds: readonly number[], documents: Documents = 'drawn'): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of seeds) {
    const simulated = await simulate(seed, product, { documents });
    addCoverage(coverage, simulated);
    for (const { invariant, run, message } of simulated.violations.slice(0, 5))
      failures.push(
        `${invariant} ${run ?? ''}: ${message} (npm run sim -- --documents ${documents} --seed ${seed} --trace)`,
      );
  }
  return failures;
}

/** Of documents that talk: with agents, forms and service levels. */
const TALKING = Math.ceil(SEEDS / 2);

describe('the same with agents, whatever their models propose, with forms and with service levels', () => {
  for (let first = FROM; first < FROM + TALKING; first += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, FROM + TALKING - first) }, (_, at) => first + at);
    test(`seeds ${first} to ${seeds.at(-1)}`, { timeout: 180_000 }, async () => {
      expect(await failuresOf(seeds, 'talking')).toEqual([]);
    });
  }

  test('seeds that once failed', { timeout: 180_000 }, async () => {
    const seeds = onceTalking.map(({ seed }) => seed);
    expect(await failuresOf(seeds, 'talking')).toEqual([]);
  });
});

/** Of documents whose values are too large for the log. */
const LARGE = Math.ceil(SEEDS / 4);

describe('the same with values that are too large for the log, whatever befalls their store', () => {
  for (let first = FROM; first < FROM + LARGE; first += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, FROM + LARGE - first) }, (_, at) => first + at);
    test(`seeds ${first} to ${seeds.at(-1)}`, { timeout: 180_000 }, async () => {
      expect(await failuresOf(seeds, 'large')).toEqual([]);
    });
  }
});

describe('whatever document a seed draws, and whatever befalls its runs, every invariant holds and every run ends', () => {
  for (let first = FROM; first < FROM + SEEDS; first += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, FROM + SEEDS - first) }, (_, at) => first + at);
    test(`seeds ${first} to ${seeds.at(-1)}`, { timeout: 180_000 }, async () => {
      expect(await failuresOf(seeds)).toEqual([]);
    });
  }

  test('seeds that once failed', { timeout: 180_000 }, async () => {
    expect(await failuresOf(once.map(({ seed }) => seed))).toEqual([]);
  });

  test('and a third of all pairs of a transition that was taken and a fault have met', () => {
    const { pairs, met } = sharesOf(coverage);
    expect(met / pairs).toBeGreaterThan(1 / 3);
  });
});

test('what is drawn has every kind of step, and bodies in bodies', () => {
  const text = JSON.stringify(Array.from({ length: 60 }, (_, seed) => documentsOf(seededRandom(-seed))));
  const words = ['tool', 'decide', 'wait', 'approval', 'forEach', 'repeat', 'switch', 'workflow'];
  for (const word of words) expect(text).toContain(`"${word}":`);
  for (const word of [
    'needs',
    'when',
    'timeout',
    'onFailure',
    'pivot',
    'failAfter',
    'detached',
    'onExhausted',
  ])
    expect(text).toContain(`"${word}":`);
  expect(text).toMatch(/"s\d[xy]\d[xy]\d":/);
});

test('what is large passes values on whole, to calls and to children, and makes more of them', () => {
  const text = JSON.stringify(
    Array.from({ length: 20 }, (_, seed) => documentsOf(seededRandom(-seed), 'large')),
  );
  for (const word of ['desk.bulk', 'desk.weigh', 'pay.large', 'weighing', 'steps.big.output.items'])
    expect(text).toContain(word);
});

test('what talks has agents, forms and service levels besides, in bodies too', () => {
  const drawn = Array.from({ length: 60 }, (_, seed) => documentsOf(seededRandom(-seed), 'talking'));
  const text = JSON.stringify(drawn);
  for (const word of [
    'agent',
    'form',
    'sla',
    'onBreach',
    'complete',
    'escalation',
    'ask',
    'autonomy',
    'facts',
  ])
    expect(text).toContain(`"${word}":`);
  expect(text).toMatch(/"s\d[xy]\d":\{[^{]*"agent":/);
  expect(text).toMatch(/steps\.s\w+\.output\.(v|choice)/);
});
