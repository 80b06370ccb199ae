import { expect, test } from 'vitest';
import { peopleAreAsked } from './i11-approval.invariant.js';
import {
  confirmed,
  fin,
  granted,
  healthy,
  opened,
  readingOf,
  type Said,
  type Scenario,
  voted,
  where,
  withMore,
} from './people.scenario.js';

const problems = (scenario: Scenario, ended = true): string =>
  peopleAreAsked(readingOf(scenario, ended))
    .map(({ message }) => message)
    .join('\n');

const changed = ([type, data, meta]: Said, change: object, place: object = {}): Said => [
  type,
  { ...data, ...change },
  { ...meta, ...place },
];
const first = (said: Said): Scenario => where(([, ...others]) => [said, ...others]);
const last = (said: Said): Scenario => where((approval) => [...approval.slice(0, -1), said]);
const about = { approvalId: 'run.2' };

test('a healthy scenario breaks nothing', () => {
  expect(problems(healthy)).toBe('');
  expect(problems(withMore(['approval.vote_refused', { ...about, commandId: 'c9', by: fin }]))).toBe('');
});

test('what has no answer yet may still get one', () => {
  expect(
    problems(
      where(() => []),
      false,
    ),
  ).toBe('');
});

test.each<[string, RegExp, Scenario]>([
  ['an approval never opened', /run.2 was never answered/, where(() => [])],
  [
    'a call request without an answer',
    /run\/7 names run.2 and was never answered/,
    where((said) => said.slice(0, -1)),
  ],
  ['opened twice', /opened twice/, withMore(opened)],
  ['opened, and nobody asked', /nobody asked/, first(changed(opened, { approvalId: 'run.3' }))],
  ['opened for another call', /something else/, first(changed(opened, { callHash: 'other' }))],
  [
    'opened with another requirement',
    /another requirement/,
    first(changed(opened, { requirement: { kind: 'single', approvers: ['finance'] } })),
  ],
  ['opened for an older request', /with reference 0/, first(changed(opened, {}, { ref: 0 }))],
  ['opened when it had expired', /had expired/, first(changed(opened, { expiresAt: 0 }))],
  [
    'asked for somebody who did not start the run',
    /did not start the run/,
    { ...healthy, run: [['run.started', { by: fin }], ...healthy.run.slice(1)] },
  ],
  ['a vote before it was opened', /before it was opened/, where(([, ...others]) => others)],
  ['a vote after it was settled', /approval.voted after approval.granted/, withMore(voted(fin, 'c9'))],
  ['settled twice', /approval.granted after approval.granted/, withMore(granted())],
  ['expired too early', /before its time/, where(() => [opened, ['approval.expired', about, { time: 99 }]])],
  [
    'escalated too early',
    /escalated before its time/,
    where(() => [opened, ['approval.escalated', about, { time: 49 }]]),
  ],
  ['a request answered twice', /answered twice/, withMore(confirmed())],
  [
    'a request that does not exist',
    /answers no call request like it/,
    last(changed(confirmed(), { requestId: 'run/6' })),
  ],
  [
    'a request answered for another call',
    /for another call/,
    last(changed(confirmed(), { callHash: 'other' })),
  ],
  [
    'a request answered with the place of another',
    /with reference 5/,
    last(changed(confirmed(), {}, { ref: 5 })),
  ],
])('found: %s', (_, message, scenario) => {
  expect(problems(scenario)).toMatch(message);
});
