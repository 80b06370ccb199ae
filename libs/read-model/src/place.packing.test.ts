import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionPlace } from './decision.js';
import { packPlaces, unpackPlaces } from './place.packing.js';

test('places survive packing, up to the largest offset there can be', () => {
  const step = fc.record({
    distance: fc.oneof(fc.nat(300), fc.maxSafeNat()),
    events: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1 }),
      fc.array(step, { minLength: 1 }),
      (partition, seq, steps) => {
        const places: DecisionPlace[] = [];
        for (const { distance, events } of steps) {
          const before = places.at(-1) ?? { offset: 0, lastSeq: seq - 1 };
          const offset = before.offset + distance;
          if (!Number.isSafeInteger(offset)) break;
          places.push({ partition, offset, seq: before.lastSeq + 1, lastSeq: before.lastSeq + events });
        }
        expect(unpackPlaces(packPlaces(places), seq)).toEqual(places);
      },
    ),
  );
});

test('a decision that stands near the one before it takes two bytes', () => {
  const near = Array.from({ length: 100 }, (_, at) => ({
    partition: 7,
    offset: 5_000_000 + at * 64,
    seq: at + 1,
    lastSeq: at + 1,
  }));
  expect(packPlaces(near).length).toBeLessThan(2 * near.length + 5);
});
