import { expect, test } from 'vitest';
import { voteOnce } from './i09-vote.invariant.js';
import { fin, healthy, readingOf, type Said, type Scenario, voted, withMore } from './people.scenario.js';

const problems = (scenario: Scenario, ended = true): string =>
  voteOnce(readingOf(scenario, ended))
    .map(({ message }) => message)
    .join('\n');
const sent = [{ commandId: 'c9', type: 'approval.vote', runId: 'run' }];
const closed: Said = ['approvals.closed', { because: 'run.completed' }];

test('a vote is answered once', () => {
  expect(problems({ ...healthy, sent: [{ ...sent[0]!, commandId: 'c1' }] })).toBe('');
  expect(problems(withMore(voted(fin, 'c1')))).toMatch(/c1 was answered twice/);
  expect(problems(withMore(['approval.vote_refused', { approvalId: 'run.2', commandId: 'c2' }]))).toMatch(
    /c2 was answered twice/,
  );
});

test('a vote is not lost, unless its run has ended', () => {
  expect(problems({ ...healthy, sent })).toMatch(/c9 was never answered/);
  expect(problems({ ...healthy, sent }, false)).toBe('');
  expect(problems({ ...withMore(closed), sent })).toBe('');
});
