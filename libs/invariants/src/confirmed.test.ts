import type { ApprovalRequirement, Identity } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { isConfirmed } from './confirmed.js';
import type { Arming, Confirmation, Reading } from './reading.js';

const fin: Identity = { sub: 'fin', roles: ['finance'] };
const fay: Identity = { sub: 'fay', roles: ['finance'] };
const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'] };

const arming = {
  meta: { id: 'run/9' },
  data: { callHash: 'call', approvalId: 'run.4', principal: { requester: 'ada' } },
} as unknown as Arming;

const saying = (people: readonly Identity[], extra: object = {}): Reading => {
  const votes = people.map((by) => ({ by, vote: 'approve', at: 0, reason: '' }));
  const data = { armId: 'run/9', callHash: 'call', approvalId: 'run.4', requester: 'ada', votes, ...extra };
  const confirmation = { data, landedAt: 50 } as unknown as Confirmation;
  return { confirmations: new Map([['run/9', [confirmation]]]) } as unknown as Reading;
};

test('an arming is confirmed by the votes its verdict asks for, for exactly its call and before it is performed', () => {
  expect(isConfirmed(saying([fin, fay]), arming, dual)).toBe(true);
  expect(isConfirmed(saying([fin, fay]), arming, dual, 60)).toBe(true);
});

test.each<[string, Reading, number?]>([
  ['nothing was said of it', { confirmations: new Map() } as unknown as Reading],
  ['one person voted twice', saying([fin, fin])],
  ['the requester voted', saying([fin, { sub: 'ada', roles: ['finance'] }])],
  ['somebody without the role voted', saying([fin, { sub: 'eve', roles: ['clerk'] }])],
  ['it speaks of another call', saying([fin, fay], { callHash: 'other' })],
  ['it speaks of another approval', saying([fin, fay], { approvalId: 'run.5' })],
  ['it came too late', saying([fin, fay]), 40],
])('it is not confirmed when %s', (_name, reading, at) => {
  expect(isConfirmed(reading, arming, dual, at)).toBe(false);
});
