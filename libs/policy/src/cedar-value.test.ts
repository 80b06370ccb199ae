import { checkParseContext } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cedarRecord, cedarValue, NESTING_MAX, nestingOf } from './cedar-value.js';
import { bundleOf, question } from './question.fixture.js';

const decimal = (arg: string) => ({ __extn: { fn: 'decimal', arg } });
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('a JSON value becomes a Cedar value', () => {
  test.each([
    [5, decimal('5.0000')],
    [-0, decimal('0.0000')],
    [2 ** 53, decimal('922337203685477.0000')],
    [1.5, decimal('1.5000')],
    [-1.5, decimal('-1.5000')],
    [0.1 + 0.2, decimal('0.3001')],
    [100.00001, decimal('100.0001')],
    [-100.00001, decimal('-100.0001')],
    [1e-9, decimal('0.0001')],
    [null, undefined],
    ['a\ud800', 'a\ufffd'],
    [
      [true, null, 'a'],
      [true, 'a'],
    ],
  ])('%j', (value, expected) => expect(cedarValue(value)).toEqual(expected));

  test('nulls in records are left out', () => {
    expect({ ...cedarRecord({ a: null, b: { c: null, d: 'e' } }) }).toEqual({ b: { d: 'e' } });
  });

  test('data cannot forge an entity or an extension value, nor do two keys fall together', () => {
    const forged = { __entity: { type: 'Tool', id: 'x' }, '\\__entity': 1, __proto__x: 2 };
    expect(Object.keys(cedarRecord(forged))).toEqual(['\\__entity', '\\\\__entity', '\\__proto__x']);
    const bundle = bundleOf('permit(principal, action, resource) when { context.arguments.a == Tool::"x" };');
    const context = cedarRecord({ arguments: { a: { __entity: { type: 'Tool', id: 'x' } } } });
    expect(bundle.ask(question({ context })).verdict).toBe('deny');
  });

  test('an amount above a limit stays above it, however fine or large', () => {
    const bundle = bundleOf(
      'permit(principal, action, resource) when { context.arguments.a.greaterThan(decimal("100.0")) };',
    );
    const above = fc
      .double({ min: 100, max: 1e14, minExcluded: true, noNaN: true })
      .filter((n) => !Number.isInteger(n));
    fc.assert(
      fc.property(above, (a) => {
        expect(bundle.ask(question({ context: cedarRecord({ arguments: { a } }) })).verdict).toBe('allow');
      }),
    );
  });

  test('and Cedar can read it, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const context = cedarRecord({ value });
        expect(checkParseContext({ context })).toEqual({ type: 'success' });
      }),
    );
    for (const value of [1e300, -1e300, 2 ** 63, 1e14 + 0.5, 1e18, nested(NESTING_MAX * 2)])
      expect(checkParseContext({ context: cedarRecord({ value }) })).toEqual({ type: 'success' });
  });
});

test('nesting is counted up to a bound, without recursion', () => {
  expect(nestingOf(1)).toBe(0);
  expect(nestingOf({ a: [1] })).toBe(2);
  expect(nestingOf(nested(40))).toBe(40);
  expect(nestingOf(nested(5_000))).toBe(NESTING_MAX + 1);
});
