import { type ApprovalRequirement, isQuorum } from '@interlock/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Terms } from './annotations.js';
import type { Escalation } from './escalation.js';
import { strictest } from './strictest.js';

const HOUR_MS = 3_600_000;
const terms = (
  approvers: string[],
  escalation: Escalation = {},
  approval: Terms['approval'] = 'single',
): Terms => ({
  approval,
  approvers,
  escalation,
  redact: [],
});
function together(...list: readonly Terms[]): ApprovalRequirement | undefined {
  const combined = strictest(list);
  return combined.conflict ? undefined : combined.approval;
}

describe('the escalation of several permits', () => {
  test('is that of the strictest one, whatever the others say', () => {
    const dual = terms(['cfo'], { expiresAfterMs: 4 * HOUR_MS, onExpiry: 'fallback' }, 'dual');
    const single = terms(['lead'], { expiresAfterMs: HOUR_MS, remindAfterMs: 1_000, onExpiry: 'deny' });
    expect(together(single, dual)).toEqual({ kind: 'dual', approvers: ['cfo'], ...dual.escalation });
  });

  test('ends when the first of them ends, a day when it says nothing', () => {
    expect(
      together(terms(['a'], { expiresAfterMs: 4 * HOUR_MS }), terms(['a'], { expiresAfterMs: 2 * HOUR_MS })),
    ).toMatchObject({ expiresAfterMs: 2 * HOUR_MS });
    expect(together(terms(['a'], { expiresAfterMs: 72 * HOUR_MS }), terms(['a']))).toMatchObject({
      expiresAfterMs: 24 * HOUR_MS,
    });
    expect(together(terms(['a']), terms(['a']))).toEqual({ kind: 'single', approvers: ['a'] });
  });

  test('falls back only if all of them say so', () => {
    const fallback = terms(['a'], { onExpiry: 'fallback' });
    expect(together(fallback, fallback)?.onExpiry).toBe('fallback');
    expect(together(fallback, terms(['a']))?.onExpiry).toBe('deny');
    expect(together(fallback, terms(['a'], { onExpiry: 'deny' }))?.onExpiry).toBe('deny');
  });

  test('reminds with the first of them, unless it has ended by then', () => {
    const late = terms(['a'], { remindAfterMs: 3 * HOUR_MS });
    expect(together(late, terms(['a'], { remindAfterMs: HOUR_MS }))?.remindAfterMs).toBe(HOUR_MS);
    expect(together(late, terms(['a'], { expiresAfterMs: 2 * HOUR_MS }))?.remindAfterMs).toBeUndefined();
  });

  test('escalates with the last of them, to the roles that all accept', () => {
    const one = terms(['lead'], { escalateTo: ['ceo', 'cfo'], escalateAfterMs: HOUR_MS });
    const other = terms(['ceo', 'lead'], { escalateTo: ['board'], escalateAfterMs: 2 * HOUR_MS });
    expect(together(one, other)).toMatchObject({
      approvers: ['lead'],
      escalateTo: ['ceo'],
      escalateAfterMs: 2 * HOUR_MS,
    });
  });

  test('does not escalate when all has ended by then, or one of them never does', () => {
    const one = terms(['lead'], { escalateTo: ['ceo'], escalateAfterMs: 5 * HOUR_MS });
    for (const other of [terms(['lead'], { expiresAfterMs: 5 * HOUR_MS }), terms(['lead'])])
      expect(together(one, other)?.escalateTo).toBeUndefined();
  });
});

describe('whatever several permits say', () => {
  const role = fc.constantFrom('a', 'b', 'c', 'd');
  const roles = fc.uniqueArray(role, { minLength: 1, maxLength: 3 });
  const after = fc.integer({ min: 1, max: 30 }).map((hours) => hours * HOUR_MS);
  const escalation: fc.Arbitrary<Escalation> = fc.record(
    {
      escalateTo: roles,
      remindAfterMs: after,
      escalateAfterMs: after,
      expiresAfterMs: after,
      onExpiry: fc.constantFrom('deny', 'fallback'),
    },
    { requiredKeys: [] },
  );
  const permit = fc
    .tuple(roles, escalation, fc.constantFrom('single', 'dual'))
    .map(([approvers, steps, kind]) => terms([...approvers], steps, kind as 'single'));
  const on = { callHash: 'h', shapedBy: ['u'] };
  const permits = fc.array(permit, { minLength: 1, maxLength: 4 });
  const votes = fc.array(
    fc.record({
      by: fc.record({ sub: fc.constantFrom('u', 'v', 'w'), roles: fc.array(role, { maxLength: 2 }) }),
      vote: fc.constantFrom('approve' as const, 'deny' as const),
      callHash: fc.constant('h'),
    }),
    { maxLength: 4 },
  );

  test('their order does not matter', () => {
    fc.assert(
      fc.property(permits, (list) => {
        expect(together(...list.toReversed())).toEqual(together(...list));
      }),
    );
  });

  test('votes that meet them together meet the strictest of them each', () => {
    fc.assert(
      fc.property(permits, votes, (list, cast) => {
        const combined = together(...list);
        if (combined === undefined || !isQuorum(combined, cast, on)) return;
        for (const { approval, approvers, escalation: steps } of list) {
          if (approval === combined.kind)
            expect(isQuorum({ kind: combined.kind, approvers: [...approvers], ...steps }, cast, on)).toBe(
              true,
            );
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('what comes out does not contradict itself', () => {
    fc.assert(
      fc.property(fc.array(permit, { minLength: 2, maxLength: 4 }), (list) => {
        const combined = together(...list);
        const deciding = list.filter(({ approval }) => approval === combined?.kind);
        if (combined === undefined || deciding.length < 2) return;
        const { remindAfterMs = 0, escalateAfterMs = 0, expiresAfterMs = 24 * HOUR_MS } = combined;
        expect(remindAfterMs).toBeLessThan(expiresAfterMs);
        expect(escalateAfterMs).toBeLessThan(expiresAfterMs);
        expect(combined.escalateTo === undefined).toBe(combined.escalateAfterMs === undefined);
        expect(combined.escalateTo?.some((one) => combined.approvers.includes(one))).not.toBe(true);
      }),
    );
  });
});
