import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Assignment, assign, type MemberState } from './group.assignment.js';

const settle = (members: readonly MemberState[], partitions: number): Assignment => {
  let now = members;
  for (let round = 1; ; round++) {
    const given = assign(now, partitions);
    const next = now.map(({ memberId }) => ({
      memberId,
      holds: given.get(memberId) ?? [],
      generation: 100 + round,
    }));
    if (next.every(({ holds }, at) => String(holds) === String(now[at]?.holds))) return given;
    if (round > 3) throw new Error('the group does not settle');
    now = next;
  }
};

describe('an assignment', () => {
  test('of a lone member is everything', () => {
    expect(assign([{ memberId: 'a', holds: [], generation: 0 }], 3).get('a')).toEqual([0, 1, 2]);
  });

  test('takes from a holder first and gives to the newcomer in the next round', () => {
    const a = { memberId: 'a', holds: [0, 1, 2, 3], generation: 1 };
    const first = assign([a, { memberId: 'b', holds: [], generation: 0 }], 4);
    expect(first).toEqual(
      new Map([
        ['a', [0, 1]],
        ['b', []],
      ]),
    );
    const second = assign(
      [
        { ...a, holds: [0, 1], generation: 2 },
        { memberId: 'b', holds: [], generation: 2 },
      ],
      4,
    );
    expect(second).toEqual(
      new Map([
        ['a', [0, 1]],
        ['b', [2, 3]],
      ]),
    );
  });

  test('believes the member that was given a partition last', () => {
    const stale = { memberId: 'a', holds: [0, 1], generation: 3 };
    const current = { memberId: 'b', holds: [0, 1], generation: 7 };
    expect(settle([stale, current], 2).get('b')).toHaveLength(1);
    expect(assign([stale, current], 2).get('a')).toEqual([]);
  });

  const group = fc
    .tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
    )
    .chain(([partitions, ids]) =>
      fc.record({
        partitions: fc.constant(partitions),
        members: fc.tuple(
          ...ids.map((memberId) =>
            fc.record({
              memberId: fc.constant(memberId),
              holds: fc.uniqueArray(fc.integer({ min: 0, max: partitions + 1 })),
              generation: fc.nat(5),
            }),
          ),
        ),
      }),
    );

  test('settles with every partition at one member and shares that differ by at most one', () => {
    fc.assert(
      fc.property(group, ({ members, partitions }) => {
        const given = settle(members, partitions);
        expect([...given.values()].flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: partitions }, (_, at) => at),
        );
        const sizes = [...given.values()].map((list) => list.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('gives nobody what another member of the same round still holds', () => {
    fc.assert(
      fc.property(group, ({ members, partitions }) => {
        const given = assign(members, partitions);
        for (const [memberId, list] of given) {
          for (const partition of list) {
            const claims = members.filter(({ holds }) => holds.includes(partition));
            if (claims.length > 0) expect(claims.map((claim) => claim.memberId)).toContain(memberId);
          }
        }
      }),
    );
  });
});
