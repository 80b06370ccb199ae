import type { Identity } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { isConfirmed } from './confirmed.js';
import {
  ada,
  callHash,
  confirmed,
  counted,
  dual,
  fay,
  fin,
  granted,
  healthy,
  opened,
  readingOf,
  type Said,
  type Scenario,
  where,
} from './people.scenario.js';

const isSo = (scenario: Scenario, at?: number, requirement: typeof dual | undefined = dual): boolean => {
  const reading = readingOf(scenario);
  return isConfirmed(reading, reading.callRequests.get('run/7')!, requirement, at);
};
const changing = (change: object): Scenario => {
  const [type, data, meta] = confirmed();
  return where((approval) => [...approval.slice(0, -1), [type, { ...data, ...change }, meta]]);
};

test('a request is confirmed by the votes its verdict asks for, for exactly its call and before it is performed', () => {
  expect(isSo(healthy)).toBe(true);
  expect(isSo(healthy, 60)).toBe(true);
});

test('a request that names an approval is confirmed by what was asked, when its verdict asks for nobody any more', () => {
  expect(isSo(healthy, undefined, undefined)).toBe(true);
  expect(isSo(changing({ votes: counted([fin, 1]) }), undefined, undefined)).toBe(false);
});

const [, , , , ...ofRequest] = healthy.approval;
const withVotes = (...people: readonly (readonly [by: Identity, at: number])[]): Scenario =>
  where(() => [opened, granted(counted(...people)), confirmed(counted(...people))]);

test.each<[string, Scenario, number?]>([
  ['nothing was said of it', where((approval) => approval.slice(0, -1))],
  ['it rests on no grant', where(() => [opened, ...ofRequest])],
  ['the grant came after it', where((approval) => [...approval.slice(0, 3), confirmed(), granted()])],
  ['the grant was for other votes', changing({ votes: counted([fay, 1], [fin, 2]) })],
  ['one person voted twice', withVotes([fin, 1], [fin, 2])],
  ['the requester voted', withVotes([fin, 1], [ada, 2])],
  ['somebody without the role voted', withVotes([fin, 1], [{ sub: 'eve', roles: ['clerk'] }, 2])],
  ['it speaks of another call', changing({ callHash: `${callHash}0` })],
  ['it speaks of another approval', changing({ approvalId: 'run.5' })],
  ['it speaks of another requester', changing({ requester: 'eve' })],
  ['it came too late', healthy, 3],
])('it is not confirmed when %s', (_name, scenario, at) => {
  expect(isSo(scenario, at)).toBe(false);
});

test('what is said of one request says nothing of another', () => {
  const again = healthy.run.at(-1) as Said;
  const reading = readingOf({ ...healthy, run: [...healthy.run, again] });
  expect(isConfirmed(reading, reading.callRequests.get('run/8')!, dual)).toBe(false);
});
