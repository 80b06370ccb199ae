import { isQuorum } from '@interlock/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meetsQuorum } from './quorum.js';

const by = fc.record({
  sub: fc.constantFrom('ada', 'fin', 'fay', 'dan'),
  roles: fc.uniqueArray(fc.constantFrom('finance', 'director', 'clerk'), { maxLength: 2 }),
});
const votes = fc.array(fc.record({ by, vote: fc.constantFrom('approve' as const, 'deny' as const) }), {
  maxLength: 5,
});
const requirement = fc.record({
  kind: fc.constantFrom('single' as const, 'dual' as const),
  approvers: fc.constant<string[]>(['finance']),
  escalateTo: fc.constantFrom<string[]>([], ['director']),
});

test('two readings of the same words agree on every set of votes', () => {
  fc.assert(
    fc.property(requirement, votes, (asked, said) => {
      expect(meetsQuorum(asked, said, 'ada')).toBe(isQuorum(asked, said, 'ada'));
    }),
    { numRuns: 2_000 },
  );
});

test('the next group counts from when it was asked', () => {
  const asked = { kind: 'single', approvers: ['finance'], escalateTo: ['director'] } as const;
  const said = [{ by: { sub: 'dan', roles: ['director'] }, vote: 'approve' as const }];
  const requirement = { ...asked, approvers: [...asked.approvers], escalateTo: [...asked.escalateTo] };
  expect(meetsQuorum(requirement, said, 'ada', () => false)).toBe(false);
  expect(meetsQuorum(requirement, said, 'ada', () => true)).toBe(true);
});
