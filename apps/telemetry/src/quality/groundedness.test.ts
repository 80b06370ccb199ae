import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groundednessOf } from './groundedness.js';

const order = {
  orderId: 'ord-0003',
  total: 129.5,
  placedOn: '2026-11-02',
  customer: { name: 'Mary Poppins' },
};
const share = (output: unknown, schema?: unknown, ...sources: unknown[]) => {
  const { claims, found } = groundednessOf(output, schema, [order, ...sources]);
  return `${found}/${claims}`;
};

describe('a claim is found', () => {
  test('when a tool said it', () => {
    expect(share({ id: 'ord-0003', amount: 129.5 })).toBe('2/2');
  });
  test('however it is spelled', () => {
    expect(share({ name: '  mary  POPPINS' })).toBe('1/1');
  });
  test('as whole words of a longer text', () => {
    expect(share({ surname: 'Poppins' })).toBe('1/1');
    expect(share({ day: 14 }, undefined, 'returned within 14 days')).toBe('1/1');
  });
});

describe('a claim is not found', () => {
  test('when nobody said it', () => {
    expect(share({ id: 'ord-0004', amount: 129.5 })).toBe('1/2');
  });
  test.each([
    [12, 'paid 120'],
    [12, 'paid 12.5'],
    [5, 'paid 12.5'],
    [3, 'ord-3'],
    [-3, 'ord-3'],
    [2026, 'on 2026-11-02'],
  ])('%d in "%s"', (amount, text) => {
    expect(groundednessOf({ amount }, undefined, [text])).toEqual({ claims: 1, found: 0 });
  });
  test('because it is the name of a field', () => {
    expect(share({ say: 'total' })).toBe('0/1');
  });
});

describe('no claim', () => {
  test('is a choice the schema gives', () => {
    const schema = {
      type: 'object',
      properties: { outcome: { enum: ['refund', 'decline'] }, kind: { const: 1 } },
    };
    expect(share({ outcome: 'refund', kind: 1, amount: 129.5 }, schema)).toBe('1/1');
  });
  test('is yes, no, nothing, or an empty text', () => {
    expect(share({ sure: true, why: null, note: ' ' })).toBe('0/0');
  });
  test('are the words of a sentence; what has digits in it is', () => {
    expect(share({ why: 'Order ord-0003 was placed on 2026-11-02, so 129.5 is paid back.' })).toBe('3/3');
    expect(share({ why: 'Order ord-0003 costs 999.' })).toBe('1/2');
  });
});

test('whatever is copied from the sources is found, wherever it stands', () => {
  const scalar = fc.oneof(fc.integer(), fc.stringMatching(/^[a-z]{1,8}(-\d{1,4})?$/));
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1 }), fc.infiniteStream(fc.nat()), (source, chance) => {
      const output = [...chance.take(5)].map((at) => ({ deep: [source[at % source.length]] }));
      expect(groundednessOf(output, undefined, [{ source }])).toEqual({ claims: 5, found: 5 });
    }),
  );
});

test('what stands nowhere in the sources is never found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-m]{1,8}$/)),
      fc.stringMatching(/^[n-z]{1,8}$/),
      (source, invented) => {
        expect(groundednessOf({ invented }, undefined, source)).toEqual({ claims: 1, found: 0 });
      },
    ),
  );
});
