import { describe, expect, test } from 'vitest';
import { isQuorum, mayVote } from './approval.quorum.js';

const dual = { kind: 'dual', approvers: ['finance'] } as const;
const requirement = { ...dual, approvers: [...dual.approvers] };
const approves = (sub: string) => ({ by: { sub, roles: ['finance'] }, vote: 'approve' as const });

describe.each(['Fay', 'fay ', ' FAY', 'ｆａｙ'])('somebody who is called fay here and %j there', (other) => {
  test('does not vote on a request of their own', () => {
    expect(mayVote(requirement, { sub: other, roles: ['finance'] }, 'fay', false)).toBe('own_request');
    expect(isQuorum(requirement, [approves(other), approves('fin')], 'fay')).toBe(false);
  });

  test('is one person, not two', () => {
    expect(isQuorum(requirement, [approves('fay'), approves(other)], 'ada')).toBe(false);
    expect(isQuorum(requirement, [approves('fay'), approves(other), approves('fin')], 'ada')).toBe(true);
  });
});

test('the two forms in which Unicode writes a name are one name', () => {
  expect(isQuorum(requirement, [approves('Ren\u00e9'), approves('Rene\u0301')], 'ada')).toBe(false);
});

test('one denial outweighs everybody', () => {
  const votes = [approves('fay'), approves('fin'), { ...approves('fox'), vote: 'deny' as const }];
  expect(isQuorum(requirement, votes, 'ada')).toBe(false);
});
