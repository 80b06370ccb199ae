import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divide } from './assignment.js';

test('the first member gets everything', () => {
  expect(divide(3, [new Set()])).toEqual([new Set([0, 1, 2])]);
});

test('a second member gets half, and the first keeps the rest', () => {
  expect(divide(4, [new Set([0, 1, 2, 3]), new Set()])).toEqual([new Set([0, 1]), new Set([2, 3])]);
});

test('every partition has exactly one member, shares differ by one at most, and a share that is no larger than it may be is kept', () => {
  const members = fc.integer({ min: 1, max: 6 });
  const owners = fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 20 });
  fc.assert(
    fc.property(members, owners, (count, owner) => {
      const held = Array.from({ length: count }, (_, member) => {
        return new Set(owner.flatMap((one, partition) => (one === member ? [partition] : [])));
      });
      const shares = divide(owner.length, held);
      const all = shares.flatMap((share) => [...share]).sort((a, b) => a - b);
      expect(all).toEqual(owner.map((_, partition) => partition));
      const sizes = shares.map((share) => share.size);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const least = Math.floor(owner.length / count);
      held.forEach((mine, member) => {
        if (mine.size <= least) for (const partition of mine) expect(shares[member]).toContain(partition);
      });
    }),
  );
});
