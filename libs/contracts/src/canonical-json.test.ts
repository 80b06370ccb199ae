import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.js';

test('canonical JSON is what the reference implementation writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
  );
});

test('keys are in the order of their code units, numbers included', () => {
  expect(canonicalJson({ 10: 1, 9: 2, '\u{1f600}': 3, '\ufb33': 4, a: undefined })).toBe(
    '{"10":1,"9":2,"\u{1f600}":3,"\ufb33":4}',
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }, () => 1, 1n, undefined])(
  'what is not JSON has none (%#)',
  (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  },
);
