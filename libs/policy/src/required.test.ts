import { type ApprovalRequirement, type CastVoteRecord, isQuorum } from '@interlock/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from './bundle.js';
import { atLeast } from './required.js';

const why = 'a call that a model proposed';
const answer = (approval?: ApprovalRequirement): Answer => ({
  verdict: 'allow',
  ...(approval !== undefined && { approval }),
  redact: [],
  policies: ['p0'],
  reason: 'permitted by p0',
});
const combined = (approvers: readonly string[], approval?: ApprovalRequirement) =>
  atLeast(answer(approval), { approvers, why });

describe('what is required besides what policy asks for', () => {
  test('is one person where policy asks for nobody', () => {
    expect(combined(['operator', 'lead'])).toMatchObject({
      verdict: 'allow',
      approval: { kind: 'single', approvers: ['lead', 'operator'] },
      reason: 'permitted by p0; a call that a model proposed asks for single approval',
    });
  });

  test('leaves two people two, of the roles that both accept', () => {
    const dual = { kind: 'dual' as const, approvers: ['finance', 'lead'] };
    expect(combined(['operator', 'finance'], dual).approval).toEqual({
      kind: 'dual',
      approvers: ['finance'],
    });
  });

  test('is a deny where no role is in both: no vote would satisfy both', () => {
    const single = { kind: 'single' as const, approvers: ['finance'], escalateTo: ['operator'] };
    expect(combined(['operator'], single)).toMatchObject({
      verdict: 'deny',
      policies: ['p0'],
      reason: expect.stringContaining('takes somebody of operator, policy asks for finance'),
    });
    expect(combined([]).verdict).toBe('deny');
    expect(combined([]).approval).toBeUndefined();
  });

  test('keeps the times, and escalates to nobody who could not have voted on either', () => {
    const escalation = {
      remindAfterMs: 1,
      escalateAfterMs: 2,
      expiresAfterMs: 3,
      onExpiry: 'fallback' as const,
    };
    const asked = {
      kind: 'single' as const,
      approvers: ['lead'],
      escalateTo: ['director', 'cfo'],
      ...escalation,
    };
    expect(combined(['lead', 'director'], asked).approval).toEqual({
      ...escalation,
      kind: 'single',
      approvers: ['lead'],
      escalateTo: ['director'],
    });
    const { escalateAfterMs, ...without } = escalation;
    expect(combined(['lead'], asked).approval).toEqual({ ...without, kind: 'single', approvers: ['lead'] });
  });

  test('changes no deny', () => {
    const deny: Answer = { verdict: 'deny', redact: [], policies: [], reason: 'no' };
    expect(atLeast(deny, { approvers: ['lead'], why })).toBe(deny);
  });
});

test('whoever votes: what satisfies both together satisfies each', () => {
  const roles = fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 });
  const requirement = fc
    .record({
      kind: fc.constantFrom('single' as const, 'dual' as const),
      approvers: roles,
      escalateTo: fc.option(roles, { nil: undefined }),
    })
    .map(({ escalateTo, ...rest }) => (escalateTo === undefined ? rest : { ...rest, escalateTo }));
  const vote = fc.record({
    sub: fc.constantFrom('ada', 'bea', 'cleo', 'dan'),
    roles,
    vote: fc.constantFrom('approve', 'approve', 'approve', 'deny'),
  });
  const on = { callHash: 'h', shapedBy: ['ada'] };
  let granted = 0;
  fc.assert(
    fc.property(
      fc.option(requirement, { nil: undefined }),
      roles,
      fc.array(vote, { maxLength: 5 }),
      (asked, approvers, cast) => {
        const votes = cast.map(({ sub, roles, vote }, at) => ({
          by: { sub, roles },
          vote,
          callHash: 'h',
          at,
          reason: '',
        })) as CastVoteRecord[];
        const { approval, verdict } = combined(approvers, asked);
        if (approval === undefined) {
          expect(verdict).toBe('deny');
          return;
        }
        if (!isQuorum(approval, votes, on)) return;
        granted += 1;
        expect(isQuorum({ kind: 'single', approvers: [...approvers] }, votes, on)).toBe(true);
        if (asked !== undefined) expect(isQuorum(asked, votes, on)).toBe(true);
      },
    ),
    { numRuns: 5_000 },
  );
  expect(granted).toBeGreaterThan(500);
});
