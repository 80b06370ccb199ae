// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
import { describe, expect, test } from 'vitest';
import { ExpressionError } from './expression.error.js';
import { evaluate, evaluateCondition, type Scope } from './expression.js';

const scope: Scope = {
  input: {
    amount: 50,
    half: 0.5,
    name: 'O"Brien\'s ${x} \\ "; DROP',
    items: [
      { sku: 'a', price: 2 },
      { sku: 'b', price: 3.5 },
    ],
    numbers: [1, 2, 3],
    index: 1,
    nothing: null,
    ok: true,
  },
  steps: {
    order: { status: 'completed', output: { total: 12, tags: {} } },
    'by-letter': { status: 'skipped' },
  },
  run: { id: 'r-1' },
};

test.each<[string, unknown]>([
  ['input.amount <= 50', true],
  ['input.amount == 50', true],
  ['50 != input.amount', false],
  ['input.amount * 2', 100],
  ['2 * input.amount + 1', 101],
  ['input.amount / 4', 12.5],
  ['input.amount % 7', 1],
  ['-input.amount', -50],
  ['input.half + 1', 1.5],
  ['5 / 2', 2],
  ['input.amount in [50, 60]', true],
  ['has(input.bonus) ? input.bonus : 0', 0],
  ['has(steps.order.output.total)', true],
  ['has(steps.order.output.refund)', false],
  ['size(input.numbers) == 3', true],
  ['size(input.numbers) > input.index', true],
  ['input.numbers[1]', 2],
  ['sum(input.numbers)', 6],
  ['sum(input.items.map(item, item.price)) + 1', 6.5],
  ['sum([])', 0],
  ['input.numbers[input.index]', 2],
  ['input.items.map(item, item.price * 2)', [4, 7]],
  ['input.items.filter(item, item.price > 2)', [{ sku: 'b', price: 3.5 }]],
  ['input.items.exists(item, item.sku == "b")', true],
  ['[1, input.amount, "x", null]', [1, 50, 'x', null]],
  ['{"a": 1, "b": {"c": [2]}}', { a: 1, b: { c: [2] } }],
  ['input.nothing == null', true],
  ['input.name.startsWith("O")', true],
  ['input.name + "!"', 'O"Brien\'s ${x} \\ "; DROP!'],
  ['string(input.amount)', '50'],
  ['int("42")', 42],
  ['steps["by-letter"].status', 'skipped'],
  ['steps.order.output', { total: 12, tags: {} }],
  ['run.id', 'r-1'],
  ['timestamp("2026-01-01T00:00:00Z") + duration("1h")', '2026-01-01T01:00:00.000Z'],
  ['duration("90m")', 'PT5400S'],
])('%s is %j', (cel, value) => {
  expect(evaluate(cel, scope)).toEqual(value);
});

test.each<[string, string]>([
  ['input.bonus', 'input has no field "bonus"'],
  ['steps.order.output.refund.id', 'steps.order.output has no field "refund"'],
  ['steps.missing.output', 'steps has no field "missing"'],
  ['input.constructor', 'input has no field "constructor"'],
  ['input.__proto__', 'input has no field "__proto__"'],
  ['input.amount + "x"', 'these do not go together: number + string'],
  ['input.amount +', 'Unexpected token: EOF at character 15'],
  ['total', 'unknown name "total": an expression sees input, steps and run'],
  ['input.numbers[7]', 'index out of bounds, index 7 >= size 3'],
  ['9007199254740993', 'the integer 9007199254740993 is too large for JSON'],
  ['input.amount / 0', 'the result Infinity is not a JSON number'],
  ['1 / 0', 'division by zero'],
  ['b"bytes"', 'the result is not a JSON value'],
  ['type(1)', 'the result is not a JSON value'],
  [
    'input.name.matches("O.*")',
    'matches() is not available: use contains, startsWith, endsWith, or a pattern in the input schema',
  ],
  ['sum([1, "2"])', 'sum(): item 1 is not a number'],
  ['process', 'unknown name "process": an expression sees input, steps and run'],
  ['process.exit()', "found no matching overload for 'dyn.exit()'"],
])('%s is refused', (cel, message) => {
  expect(() => evaluate(cel, scope)).toThrow(
    expect.objectContaining({ name: 'ExpressionError', message, expression: cel }),
  );
});

test('a condition that gives no boolean is an error, not true', () => {
  expect(evaluateCondition('input.ok', scope)).toBe(true);
  expect(() => evaluateCondition('input.amount', scope)).toThrow(
    'a condition must give true or false, not 50',
  );
});

const big = {
  ...scope,
  input: { items: Array.from({ length: 20_000 }, (_, index) => index), word: 'x'.repeat(500_000) },
};

test.each([
  'input.items.exists(a, input.items.exists(b, a + b < 0))',
  'input.items.all(a, !(-1 in input.items))',
  '[input.items].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a)',
  'input.items.map(a, input.word + input.word)',
  'cel.bind(a, input.items + input.items, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, d))))',
])('%s stops when it has cost too much', (cel) => {
  expect(() => evaluate(cel, big)).toThrow('the expression takes too many steps for this input');
  expect(evaluate('size(input.items)', big)).toBe(20_000);
});

test('what an expression throws is always an ExpressionError', () => {
  for (const cel of [
    '',
    ' ',
    '}',
    '"',
    '\0',
    '${}',
    'a.b.c',
    '[',
    'has(1)',
    'input.map(x, y)',
    'f('.repeat(60),
  ]) {
    expect(() => evaluate(cel, scope)).toThrow(ExpressionError);
  }
});

describe('text is counted and cut in characters', () => {
  const at = (text: string, cel: string) => evaluate(cel, { ...scope, input: { text } });

  test.each([
    ['input.text.size()', 7],
    ['input.text.substring(0, 1)', '😀'],
    ['input.text.substring(1)', ' hello'],
    ['input.text.substring(1, 7)', ' hello'],
    ['input.text.substring(input.text.indexOf("h"), 4)', 'he'],
    ['input.text.indexOf("hello")', 2],
    ['input.text.indexOf("l", 5)', 5],
    ['input.text.indexOf("x")', -1],
    ['input.text.lastIndexOf("l")', 5],
    ['input.text.lastIndexOf("l", 4)', 4],
    ['input.text.split("")[0]', '😀'],
    ['input.text.split("", 2)', ['😀', ' hello']],
    ['input.text.split("l")', ['😀 he', '', 'o']],
  ])('%s is %s', (cel, expected) => {
    expect(at('😀 hello', cel)).toEqual(expected);
  });

  test.each([
    ['input.text.substring(8)', 'substring(): the start 8 lies outside the text'],
    ['input.text.substring(2, 1)', 'substring(): the end 1 lies before the start 2'],
    ['1e300', 'the integer 1e+300 is too large for JSON'],
    ['input.text.substring("a")', /substring\(string\)/],
  ])('%s is refused', (cel, message) => {
    expect(() => at('😀 hello', cel)).toThrow(message);
  });

  test('there is one zero, as in the log', () => {
    expect(Object.is(evaluate('-1 * 0.0', scope), 0)).toBe(true);
  });
});
