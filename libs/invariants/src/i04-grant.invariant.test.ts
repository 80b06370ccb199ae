import { expect, test } from 'vitest';
import { grantedByPeople } from './i04-grant.invariant.js';
import {
  ada,
  counted,
  dan,
  fay,
  fin,
  granted,
  healthy,
  opened,
  readingOf,
  type Said,
  type Scenario,
  voted,
  voteOf,
  where,
} from './people.scenario.js';

const problems = (scenario: Scenario): string =>
  grantedByPeople(readingOf(scenario))
    .map(({ message }) => message)
    .join('\n');

const escalated: Said = ['approval.escalated', { approvalId: 'run.2', to: ['director'] }, { time: 60 }];
const denied: Said = ['approval.denied', { approvalId: 'run.2', by: fay, reason: 'no' }];
const cast = [
  voteOf(fin, 'c1'),
  voteOf(fay, 'c2'),
  voteOf(dan, 'c3'),
  voteOf(ada, 'c4'),
  voteOf(fay, 'c5', 'deny'),
];
const castAt = (issuedAt: number) => cast.map((one) => ({ ...one, issuedAt }));
/** Votes are counted then; a grant repeats when each of its votes was. */
const countedAt =
  (time: number) =>
  ([type, data, meta]: Said): Said =>
    type === 'approval.granted'
      ? [type, { ...(data as object), votes: counted([fin, time], [fay, time]) }, { time }]
      : [type, data, type === 'approval.voted' ? { ...meta, time } : meta];
const saying = (...said: readonly Said[]): Scenario => where(() => [opened, ...said], { cast });

test.each<[string, Scenario]>([
  ['two people who may', healthy],
  [
    'one who may, and one of the next group once it was asked',
    saying(voted(fin, 'c1'), escalated, voted(dan, 'c3'), granted(counted([fin, 1], [dan, 3]))),
  ],
  ['nobody yet', saying(voted(fin, 'c1'))],
  ['nobody, when one says no', saying(voted(fin, 'c1'), voted(fay, 'c5', 'deny'), denied)],
  ['two people whose clocks are ahead', where((said) => said, { cast: castAt(120) })],
  ['two people whom the service heard late', where((said) => said.map(countedAt(120)), { cast: castAt(99) })],
])('healthy: granted by %s', (_, scenario) => {
  expect(problems(scenario)).toBe('');
});

test.each<[string, RegExp, Scenario]>([
  ['granted by nobody', /granted by nobody/, saying(granted([]))],
  ['granted by one of two', /granted by fin/, saying(voted(fin, 'c1'), granted(counted([fin, 1])))],
  [
    'a person counted twice',
    /counted twice/,
    saying(voted(fin, 'c1'), voted(fin, 'c1'), granted(counted([fin, 1], [fin, 2]))),
  ],
  [
    'granted by the requester',
    /granted by fin, ada/,
    saying(voted(fin, 'c1'), voted(ada, 'c4'), granted(counted([fin, 1], [ada, 2]))),
  ],
  [
    'granted by a group that was not asked yet',
    /granted by fin, dan/,
    saying(voted(fin, 'c1'), voted(dan, 'c3'), granted(counted([fin, 1], [dan, 2]))),
  ],
  ['a vote that nobody sent', /nobody sent the vote c9/, saying(voted(fin, 'c9'))],
  ['a vote that somebody else sent', /nobody sent the vote c2/, saying(voted(fin, 'c2'))],
  ['a no that was sent as a yes', /nobody sent the vote c5/, saying(voted(fay, 'c5'))],
  [
    'a vote sent and counted after the expiry',
    /in time/,
    where((said) => said.map(countedAt(120)), { cast: castAt(100) }),
  ],
  [
    'other votes than were counted',
    /other votes/,
    saying(voted(fin, 'c1'), voted(fay, 'c2'), granted(counted([fin, 1], [dan, 2]))),
  ],
  [
    'a grant in spite of a no',
    /ask for approval.denied/,
    saying(voted(fin, 'c1'), voted(fay, 'c5', 'deny'), granted(counted([fin, 1]))),
  ],
  ['a denial that nobody voted for', /nobody had just said no/, saying(voted(fin, 'c1'), denied)],
  [
    'enough votes and no grant',
    /ask for approval.granted/,
    saying(voted(fin, 'c1'), voted(fay, 'c2'), escalated),
  ],
])('found: %s', (_, message, scenario) => {
  expect(problems(scenario)).toMatch(message);
});
