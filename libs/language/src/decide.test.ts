// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { expect, test } from 'vitest';
import { decideByTable } from './decide.js';
import { refundRules } from './refund.fixture.js';
import { compileTable } from './table.compile.js';

const scope = (input: unknown) => ({
  input,
  steps: { order: { status: 'completed', output: { total: 7 } } },
  run: { id: 'r' },
});
const rules = [
  { id: 'small', when: 'input.amount <= 50', then: { outcome: 'refund', amount: '${input.amount}' } },
  { when: 'input.amount <= 100', then: 'ask' },
];

test('the first rule that matches decides, and says which it was', () => {
  expect(decideByTable({ rules }, scope({ amount: 20 }))).toEqual({
    ruleIndex: 0,
    ruleId: 'small',
    output: { outcome: 'refund', amount: 20 },
  });
  expect(decideByTable({ rules }, scope({ amount: 90 }))).toEqual({ ruleIndex: 1, output: 'ask' });
});

test('when no rule matches, otherwise decides; without it there is no match', () => {
  expect(decideByTable({ rules }, scope({ amount: 900 }))).toEqual({ noMatch: true });
  expect(decideByTable({ rules, otherwise: 'no' }, scope({ amount: 900 }))).toEqual({
    ruleIndex: -1,
    output: 'no',
  });
  expect(decideByTable(refundRules, scope({ amount: 900, days: 31 }))).toMatchObject({ ruleId: 'old' });
});

test('a rule that cannot be evaluated stops the decision: no later rule takes its place', () => {
  expect(() => decideByTable({ rules }, scope({}))).toThrow(
    expect.objectContaining({ path: 'rules[0].when', message: 'input has no field "amount"' }),
  );
  expect(() => decideByTable({ rules: [{ when: 'input.amount', then: 1 }] }, scope({ amount: 1 }))).toThrow(
    'a condition must give true or false, not 1',
  );
});

test('a table is named by name and version or by id, and its hash covers all it says', () => {
  const named = compileTable({ name: 't', version: 2, rules });
  expect(compileTable({ id: 't@2', rules })).toEqual(named);
  expect(compileTable({ id: 't', rules })).toMatchObject({ ok: true, table: { name: 't', version: 1 } });
  const other = compileTable({ name: 't', version: 2, rules: rules.slice(1) });
  expect(named.ok && other.ok && named.hash !== other.hash).toBe(true);
});

test.each<[string, unknown, string[]]>([
  ['without rules', { name: 't', version: 1, rules: [] }, ['rules must not be empty']],
  ['without an outcome', { name: 't', version: 1, rules: [{ when: 'true' }] }, ['rules[0].then is required']],
  ['with an unknown field', { id: 't', rules, else: 1 }, ['else unknown field "else"']],
  [
    'with bad expressions',
    { id: 't', rules: [{ when: 'input.a +', then: '${steps}' }], otherwise: '${b}' },
    [
      'rules[0].when input.a +: Unexpected token: EOF at character 10',
      'rules[0].then steps: "steps" must be followed by a step id: steps.order or steps["order"]',
      'otherwise b: unknown name "b": an expression sees input, steps and run',
    ],
  ],
])('a table %s is refused', (_name, source, problems) => {
  const result = compileTable(source);
  expect(result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`)).toEqual(problems);
});

test('a rule may read the steps of the workflow that uses it', () => {
  const table = compileTable(
    'id: t\nrules:\n  - { when: steps.order.output.total > 5, then: { total: "${steps.order.output.total}" } }\n',
  );
  if (!table.ok) throw new Error(JSON.stringify(table.problems));
  expect(decideByTable(table.table, scope({}))).toEqual({ ruleIndex: 0, output: { total: 7 } });
});
