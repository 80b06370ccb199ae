import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical.json.js';

const RUNS = 2_000;
const names = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('10', '9', '__proto__', 'é', '\u{1f600}', '\ufb33'),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    names,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, -0, 1e21, 1e-7, '\u2028', 'a "b" \\ \u007f'),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(names, fc.oneof(tie('value'), fc.constant(undefined)), { maxKeys: 20 }),
  ),
})).value;

const circle: unknown[] = [];
circle.push({ circle });

describe('the short way to the text that is hashed', () => {
  test('gives for every value of JSON what RFC 8785 gives', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    ['names that look like numbers', { 10: 1, 9: 2, b: 3, a: 4 }, '{"10":1,"9":2,"a":4,"b":3}'],
    [
      'names beyond the basic plane',
      { '\u{1f600}': 1, '\ufb33': 2, a: 3 },
      '{"a":3,"\u{1f600}":1,"\ufb33":2}',
    ],
    ['numbers as ECMAScript writes them', [1e21, -0, 1e-7, 4.5], '[1e+21,0,1e-7,4.5]'],
    ['texts with what must be escaped', 'a"\\\u0007\n\u20ac', '"a\\"\\\\\\u0007\\n\u20ac"'],
    ['a gap in a list', [1, undefined, 2], '[1,null,2]'],
    ['a field without a value', { a: undefined, b: 1 }, '{"b":1}'],
    ['a date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ])('%s', (_what, value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(canonicalize(value)).toBe(text);
  });

  test.each([
    ['nothing', undefined],
    ['a number that is not finite', { a: [Number.NaN] }],
    ['half a surrogate pair', ['\ud800']],
    ['half a pair in a name', { '\udc00': 1 }],
    ['what holds itself', circle],
  ])('%s is refused', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow();
  });
});
