// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';

/** Problems of a workflow with these steps; the input declares every kind of value. */
const problems = (steps: Record<string, unknown>, more: Record<string, unknown> = {}) => {
  const input = {
    type: 'object',
    properties: {
      amount: { type: 'number' },
      days: { type: 'integer' },
      name: { type: 'string' },
      nickname: { type: ['string', 'null'] },
      ok: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      lines: {
        type: 'array',
        items: { type: 'object', properties: { sku: { type: 'string' }, qty: { type: 'number' } } },
      },
      address: { type: 'object', properties: { city: { type: 'string' } } },
      free: { type: 'object' },
      open: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true },
    },
  };
  const result = compileWorkflow(
    { workflow: 'w', version: 1, purpose: 'p', input, steps, ...more },
    catalogue,
  );
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

test.each([
  'input.amount <= 50',
  'input.amount * 2 + 1 > 3 && input.days % 2 == 0',
  'input.amount in [1, 2, 3]',
  'has(input.amount) ? input.amount > 1 : false',
  '(has(input.amount) ? input.amount : 0) > 1',
  'input.nickname == null || input.nickname == "x"',
  'input.name == null',
  'size(input.tags) == 2 && "a" in input.tags',
  'size(input.lines) == input.days',
  'input.lines.all(line, line.qty > 0 && line.sku != "")',
  'input.lines.map(line, line.qty * 2).size() > 0',
  'input.address == {"city": "Bern"}',
  'size(input.address) == 1',
  '"city" in input.address',
  'input.address["city"] == "Bern"',
  'input.free.anything.at.all == 1',
  'input.open.b == 1',
  'input.name.startsWith("A") == input.ok',
  'run.id != ""',
  'input.days > size(input.name)',
  'timestamp(input.name) > timestamp("2026-01-01T00:00:00Z")',
])('the condition %s is accepted', (when) => {
  expect(problems({ a: { when, wait: { for: '1s' } } })).toEqual([]);
});

test.each<[string, string]>([
  ['input.lines[0].quantity > 1', 'input.lines[0] has no field "quantity"'],
  ['input.address.street == "x"', 'input.address has no field "street"'],
  ['input.name > 1', 'these do not go together: string > number'],
  ['input.ok && input.name', "Logical operator requires bool operands, got 'string'"],
  ['!input.name', 'these do not go together: !string'],
  ['input.name.foo == 1', "Cannot index type 'string'"],
  ['input.name.contains(1)', "found no matching overload for 'string.contains(int)'"],
  ['input.lines.exists(line, line.price > 1)', 'line has no field "price"'],
])('the condition %s is refused when it is published', (when, message) => {
  expect(problems({ a: { when, wait: { for: '1s' } } })).toEqual([`steps.a.when: ${when}: ${message}`]);
});

const wait = { wait: { for: '1s' } };

test('a step may read what it needs indirectly, and the fallbacks of what it needs', () => {
  expect(
    problems({
      a: { tool: 'orders.get', with: { orderId: '1' }, onFailure: { fallback: 'plan-b' } },
      'plan-b': { ...wait, when: 'steps.a.status == "failed"' },
      b: { needs: ['a'], ...wait },
      c: { needs: ['b'], when: 'steps.a.output.total > 1 || steps["plan-b"].status == "completed"', ...wait },
    }),
  ).toEqual([]);
});

test('a fallback of two steps may read only what both of them know', () => {
  const steps = (when: string) => ({
    x: wait,
    y: wait,
    a: { needs: ['x', 'y'], ...wait, onFailure: { fallback: 'f' } },
    b: { needs: ['x'], ...wait, onFailure: { fallback: 'f' } },
    f: { when, ...wait },
  });
  expect(problems(steps('steps.x.status == "completed"'))).toEqual([]);
  expect(problems(steps('steps.y.status == "completed"'))).toEqual([
    'steps.f.when: steps.y.status == "completed": steps.y is not known here: add "y" to the step\'s needs',
  ]);
});

test('a step with a fallback value promises nothing about the shape of its output', () => {
  const order = { tool: 'orders.get', with: { orderId: '1' } };
  const b = { needs: ['a'], when: 'steps.a.output.missing == true', ...wait };
  expect(problems({ a: order, b })).toHaveLength(1);
  expect(problems({ a: { ...order, onFailure: { value: { missing: true } } }, b })).toEqual([]);
});

test('every wait, onFailure and timeout of the format is accepted', () => {
  expect(
    problems({
      a: { wait: { until: '2026-01-31T12:00:00Z' }, timeout: '2h', onFailure: 'escalate' },
      b: { wait: { until: '${input.name}' }, onFailure: 'fail' },
      c: { wait: { signal: 'paid', deadline: 'PT1H' } },
      d: { decide: { table: 'refund-rules', with: { amount: 1, days: 2 } }, timeout: { total: '1m' } },
    }),
  ).toEqual([]);
});

test.each([
  { transient: { attempts: 2 }, rate_limited: { maxWait: '1m' } },
  { for: 'PT10M', cap: '1m' },
  { for: '30s', transient: { attempts: 4, backoff: '1s', maxBackoff: '5s' } },
])('retries of a step that makes calls are accepted: %j', (retry) => {
  const order = { tool: 'orders.get', with: { orderId: '1' }, retry, onExhausted: 'park' };
  expect(problems({ order }, { onExhausted: 'fail' })).toEqual([]);
});

test('output and success see every step, success alone sees the output', () => {
  const more = {
    output: { s: '${steps.a.status}' },
    success: 'output.s == "completed" && steps.a.status != "failed"',
  };
  expect(problems({ a: wait }, more)).toEqual([]);
});
