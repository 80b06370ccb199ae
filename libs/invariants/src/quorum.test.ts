import { isQuorum } from '@interlock/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meetsQuorum } from './quorum.js';

const by = fc.record({
  sub: fc.constantFrom('ada', 'a\u034fda', 'fin', 'Fin ', 'fay', 'dan', 'sig'),
  tenant: fc.constantFrom('acme', 'acme', 'acme', undefined, 'other'),
  roles: fc.uniqueArray(fc.constantFrom('finance', 'director', 'clerk'), { maxLength: 2 }),
});
const votes = fc.array(
  fc.record({
    by,
    vote: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
    callHash: fc.constantFrom('this', 'this', 'this', 'other'),
  }),
  { maxLength: 5 },
);
const on = { callHash: 'this', shapedBy: ['ada', 'sig'], tenant: 'acme' };
const requirement = fc.record({
  kind: fc.constantFrom('single' as const, 'dual' as const),
  approvers: fc.constant<string[]>(['finance']),
  escalateTo: fc.constantFrom<string[]>([], ['director']),
});

test('two readings of the same words agree on every set of votes', () => {
  let met = 0;
  fc.assert(
    fc.property(requirement, votes, (asked, said) => {
      const isMet = isQuorum(asked, said, on);
      met += isMet ? 1 : 0;
      expect(meetsQuorum(asked, said, on)).toBe(isMet);
    }),
    { numRuns: 5_000 },
  );
  expect(met).toBeGreaterThan(100);
});

test('the next group counts from when it was asked', () => {
  const asked = { kind: 'single', approvers: ['finance'], escalateTo: ['director'] } as const;
  const by = { sub: 'dan', roles: ['director'], tenant: 'acme' };
  const said = [{ by, vote: 'approve' as const, callHash: 'this' }];
  const requirement = { ...asked, approvers: [...asked.approvers], escalateTo: [...asked.escalateTo] };
  expect(meetsQuorum(requirement, said, on, () => false)).toBe(false);
  expect(meetsQuorum(requirement, said, on, () => true)).toBe(true);
});
