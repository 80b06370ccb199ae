import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areVotesOn, isQuorum, mayVote } from './approval.quorum.js';
import { personOf } from './name.js';

const dual = { kind: 'dual' as const, approvers: ['finance'] };
const on = (...shapedBy: string[]) => ({ callHash: 'h', shapedBy, tenant: 'acme' });
const person = (sub: string) => ({ sub, roles: ['finance'], tenant: 'acme' });
const approves = (sub: string) => ({ by: person(sub), vote: 'approve' as const, callHash: 'h' });

describe.each([
  'Fay',
  'fay ',
  ' FAY',
  'ｆａｙ',
  'f\u034fay',
  'fay\u2800',
  'f\u200bay',
  'fa\ufe0fy',
  'fay\u{e0041}',
  'fay\u3164',
  '\u202efay',
])('somebody who is called fay here and %j there', (other) => {
  test('does not vote on a request of their own, nor on one that they shaped', () => {
    expect(mayVote(dual, person(other), on('fay'), false)).toBe('own_request');
    expect(mayVote(dual, person(other), on('ada', 'fay'), false)).toBe('own_request');
    expect(isQuorum(dual, [approves(other), approves('fin')], on('ada', 'fay'))).toBe(false);
  });

  test('is one person, not two', () => {
    expect(isQuorum(dual, [approves('fay'), approves(other)], on('ada'))).toBe(false);
    expect(isQuorum(dual, [approves('fay'), approves(other), approves('fin')], on('ada'))).toBe(true);
  });
});

test('the two forms in which Unicode writes a name are one name, also with something unseen between its parts', () => {
  for (const other of ['Rene\u0301', 'Rene\u034f\u0301'])
    expect(isQuorum(dual, [approves('Ren\u00e9'), approves(other)], on('ada'))).toBe(false);
});

test('a person is the same person to whoever compares what was compared before', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sub) => {
      expect(personOf(personOf(sub))).toBe(personOf(sub));
    }),
    { numRuns: 2_000 },
  );
});

test('one denial outweighs everybody', () => {
  const votes = [approves('fay'), approves('fin'), { ...approves('fox'), vote: 'deny' as const }];
  expect(isQuorum(dual, votes, on('ada'))).toBe(false);
});

test.each([
  ['another call', { callHash: 'of another call' }],
  ['the run of another tenant', { by: { sub: 'fin', roles: ['finance'], tenant: 'globex' } }],
  ['a run that has a tenant, by somebody who has none', { by: { sub: 'fin', roles: ['finance'] } }],
])('a vote on %s does not count', (_what, change) => {
  const votes = [approves('fay'), { ...approves('fin'), ...change }];
  expect(isQuorum(dual, votes, on('ada'))).toBe(false);
  expect(areVotesOn(votes, on('ada'))).toBe(false);
  expect(isQuorum(dual, [approves('fay'), approves('fin')], on('ada'))).toBe(true);
});

test('votes that nobody could have given say that something is wrong', () => {
  expect(areVotesOn([approves('fay')], on('ada'))).toBe(true);
  expect(areVotesOn([], on('ada'))).toBe(false);
  expect(areVotesOn([approves('fay'), approves('A\u034fda')], on('ada'))).toBe(false);
  expect(areVotesOn([{ ...approves('fay'), vote: 'deny' }], on('ada'))).toBe(false);
});
