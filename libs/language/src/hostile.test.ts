import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { parseSource } from './parse.js';
import { catalogue } from './refund.fixture.js';

const messages = (source: unknown): string[] => {
  const result = compileWorkflow(source, catalogue);
  return result.ok ? ['compiles'] : [...new Set(result.problems.map(({ message }) => message))];
};

const document = (fields: Record<string, unknown>) => ({
  workflow: 'w',
  version: 1,
  purpose: 'p',
  input: { type: 'object' },
  steps: { a: { wait: { for: '1s' } } },
  ...fields,
});

const aliases = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]'
    : `l${level}: &l${level} [${`*l${level - 1}, `.repeat(8)}]`,
).join('\n');

test.each<[string, string, string]>([
  ['larger than 512 KB', `purpose: ${'x'.repeat(600_000)}`, 'the document is larger than 512 KB'],
  ['nested in flow lists', '['.repeat(100_000), 'nested deeper than 64 levels'],
  ['nested in block lists', '- '.repeat(100_000), 'nested deeper than 64 levels'],
  ['nested a little too deep', `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, 'nested deeper than 64 levels'],
  ['nested in keys', '? '.repeat(100_000), 'nested deeper than 64 levels'],
  ['keyed by a list', '? [a]', 'With stringKeys, all keys must be strings'],
  ['made of aliases of aliases', aliases, 'Excessive alias count indicates a resource exhaustion attack'],
  ['an alias of itself', 'a: &a [*a]', 'nested deeper than 64 levels'],
  ['a __proto__ key', '__proto__: { x: 1 }', 'the key "__proto__" is not allowed'],
  ['a constructor key', 'steps: { a: { constructor: 1 } }', 'the key "constructor" is not allowed'],
  ['a number that JSON cannot say', 'a: .nan', 'NaN is not a JSON number'],
  ['a tag of its own', 'a: !run 1', 'Unresolved tag: !run'],
  ['bytes', 'a: !!binary aGk=', 'only plain JSON values are allowed here'],
])('a document that is %s is refused', (_name, text, message) => {
  expect(messages(text)).toEqual([message]);
});

test('a map of thousands of keys is read in good time', () => {
  const text = Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join('\n');
  expect(parseSource(text).ok).toBe(true);
});

test('objects are held to the same limits as text', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.again = cyclic;
  expect(messages(document({ output: cyclic }))).toEqual(['nested deeper than 64 levels']);
  expect(messages(document({ output: () => 1 }))).toEqual(['a function is not a JSON value']);
  expect(messages(document({ output: JSON.parse('{"__proto__": 1}') }))).toEqual([
    'the key "__proto__" is not allowed',
  ]);
  expect(messages(document({ output: 'x'.repeat(600_000) }))).toEqual(['the document is larger than 512 KB']);
  expect(messages(document({ output: Array.from({ length: 120_000 }, () => 1) }))).toEqual([
    'more than 100000 values',
  ]);
});

test('there is a limit to steps, to the length of an expression and to its depth', () => {
  const steps = Object.fromEntries(
    Array.from({ length: 2_001 }, (_, n) => [`s${n}`, { wait: { for: '1s' } }]),
  );
  expect(messages(document({ steps }))).toEqual(['more than 2000 steps']);
  expect(messages(document({ success: `${'1 + '.repeat(2_000)}1 > 0` }))[0]).toContain(
    'longer than 4096 characters',
  );
  expect(messages(document({ success: `${'('.repeat(1_000)}true${')'.repeat(1_000)}` }))[0]).toContain(
    'Exceeded',
  );
});

test.each([[null], [undefined], [42], ['text'], [[]], [{}], [true], [new Date(0)]])(
  '%j is no document',
  (source) => {
    expect(compileWorkflow(source, catalogue).ok).toBe(false);
  },
);
