import { describe, expect, test } from 'vitest';
import { loadBundle } from './bundle.js';
import { checkBundle } from './check-bundle.js';
import { Engine, EngineTrap, engine } from './engine.js';
import { bundleOf, question } from './question.fixture.js';
import { BRACKETS_MAX, DEPTH_MAX, OPERATORS_MAX, PATTERN_CHARS_MAX } from './text-limits.js';

const when = (condition: string) =>
  `permit(principal, action == Action::"tool.call", resource) when { ${condition} };`;
const chain = (terms: number, operator: string) =>
  when(Array.from({ length: terms }, () => 'true').join(` ${operator} `));
const deep = (levels: number) => when(`${'('.repeat(levels)}true${')'.repeat(levels)}`);

/** Kills the engine as only text that nobody has checked can. */
const kill = (target: Engine) => target.use((cedar) => cedar.policyToJson(deep(400)));

describe('an engine that has died', () => {
  test('says so, is counted, and the next use finds a new one', () => {
    const own = new Engine();
    let traps = 0;
    own.onTrap(() => {
      traps += 1;
    });
    const generations: number[] = [];
    const note = () => own.use((_cedar, generation) => generations.push(generation));
    note();
    expect(() => kill(own)).toThrow(EngineTrap);
    note();
    expect(own.use((cedar) => cedar.policyToJson(deep(10)).type)).toBe('success');
    expect({ traps, generations }).toEqual({ traps: 1, generations: [1, 2] });
  });

  test('answers the bundles that were loaded before as it did', () => {
    const bundle = bundleOf(when('context.tool == "refunds.create"'));
    expect(bundle.ask(question()).verdict).toBe('allow');
    expect(() => kill(engine)).toThrow(EngineTrap);
    expect(bundle.ask(question()).verdict).toBe('allow');
    expect(bundle.ask(question({ context: { tool: 'other' } })).verdict).toBe('deny');
  });
});

describe('a policy that could kill the engine is refused, and harms nobody who is judged beside it', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => at);
  test.each<[string, string, string]>([
    ['200 parentheses', deep(200), 'nested deeper'],
    ['400 terms', chain(400, '&&'), 'levels deep'],
    ['5,000 terms', chain(5_000, '||'), 'operators'],
    ['400 sums', when(`${many(400).join(' + ')} == 1`), 'levels deep'],
    ['400 attributes', when(`context${'.a'.repeat(400)}`), 'levels deep'],
    ['400 indices', when(`context${'["a"]'.repeat(400)}`), 'levels deep'],
    [
      '400 conditions in one another',
      when(`${'if true then '.repeat(400)}true${' else false'.repeat(400)}`),
      'levels deep',
    ],
    ['nested sets', when(`${'['.repeat(200)}${']'.repeat(200)} == []`), 'nested deeper'],
    ['nested records', when(`${'{a: '.repeat(200)}1${'}'.repeat(200)} == 1`), 'nested deeper'],
    ['nested negations', when(`${'!('.repeat(200)}true${')'.repeat(200)}`), 'nested deeper'],
    ['nested functions', when(`${'decimal('.repeat(200)}"1.0"${')'.repeat(200)} == 1`), 'nested deeper'],
    ['a chain of sets', when(`context.a${'.contains(1)'.repeat(400)}`), 'levels deep'],
    ['a pattern without end', when(`context.tool like "${'a*'.repeat(2_000)}"`), 'a pattern of like'],
    [
      'brackets that a text hides',
      when(`"\\"((" == ${'('.repeat(200)}"a"${')'.repeat(200)}`),
      'nested deeper',
    ],
    ['an annotation in front of them', `@description("x // y") ${deep(200)}`, 'nested deeper'],
  ])('%s', (_name, text, message) => {
    const bundle = bundleOf(when('true'));
    expect(loadBundle({ policies: [{ id: 'a', text }] }).ok).toBe(false);
    expect(checkBundle({ policies: [{ id: 'a', text }] })[0]?.message).toContain(message);
    expect(bundle.ask(question()).verdict).toBe('allow');
  });

  test.each<[string, unknown]>([
    ['a type in a type', `type T = ${'Set<'.repeat(300)}Long${'>'.repeat(300)}; entity A = { t: T };`],
    ['records in records', JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)],
    [
      'a few lines that describe a billion attributes',
      `${many(30)
        .map((at) => `type T${at} = { a: T${at + 1}, b: T${at + 1} };`)
        .join(' ')} type T30 = Long; entity A = { t: T0 };`,
    ],
    ['a type that holds itself', 'type A = { a: A }; entity B = { a: A };'],
  ])('a schema with %s', (_name, schema) => {
    expect(checkBundle({ policies: [], schema })[0]?.path).toBe('schema');
  });

  test('at the limits the engine lives', () => {
    const texts = [
      deep(BRACKETS_MAX - 1),
      chain(DEPTH_MAX - 4, '&&'),
      chain(DEPTH_MAX - 4, '||'),
      when(`${'('.repeat(BRACKETS_MAX - 3)}${chainOf(50)}${')'.repeat(BRACKETS_MAX - 3)}`),
      when(`${'if (context.tool == "a") then ('.repeat(18)}${chainOf(60)}${') else false'.repeat(18)}`),
      when(`context.tool like "${'*'.repeat(PATTERN_CHARS_MAX)}"`),
    ];
    expect(checkBundle({ policies: texts.map((text, at) => ({ id: `p${at}`, text })) })).toEqual([]);
    const bundle = bundleOf(...texts);
    expect(bundle.ask(question()).policies).toContain('p0');
  });

  const chainOf = (terms: number) =>
    many(terms)
      .map(() => 'context.tool == "a"')
      .join(' && ');
});

test('nothing that is nested or chained at random gets past the limits and kills the engine', () => {
  let accepted = 0;
  const random = seeded(9);
  for (let round = 0; round < 60; round += 1) {
    const text = when(grown(random, 4 + Math.floor(random() * 120)));
    const problems = checkBundle({ policies: [{ id: 'a', text }] });
    expect(problems.map(({ message }) => message).join()).not.toContain('dies');
    if (problems.length > 0) continue;
    accepted += 1;
    expect(() => bundleOf(text).ask(question())).not.toThrow();
  }
  expect(accepted).toBeGreaterThan(20);
}, 120_000);

/** A boolean expression of about that many parts, of every kind of nesting. */
function grown(random: () => number, parts: number): string {
  if (parts <= 1)
    return ['true', 'context.tool == "a"', 'context.effect == "read"'][Math.floor(random() * 3)] ?? 'true';
  const left = 1 + Math.floor(random() * random() * (parts - 1));
  const a = grown(random, left);
  const b = grown(random, parts - left);
  const shapes = [
    `${a} && ${b}`,
    `${a} || ${b}`,
    `(${a}) && (${b})`,
    `!(${a}) || ${b}`,
    `(if ${a} then ${b} else false)`,
    `([${a}] == [${b}])`,
    `({a: ${a}}.a && ${b})`,
  ];
  return shapes[Math.floor(random() * shapes.length)] ?? a;
}

/** @param seed any number; the same one gives the same sequence */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test('the limit on operators is reached before the parser dies', () => {
  const text = when(
    Array.from({ length: OPERATORS_MAX / 2 }, () => 'a')
      .map((a) => `context.${a}`)
      .join(' == '),
  );
  expect(checkBundle({ policies: [{ id: 'a', text }] }).length).toBeGreaterThan(0);
});
