import { expect, test } from 'vitest';
import { peopleAreQuoted } from './i11-copies.invariant.js';
import {
  fin,
  granted,
  healthy,
  readingOf,
  type Said,
  type Scenario,
  voted,
  where,
} from './people.scenario.js';

const problems = (scenario: Scenario, ended = true): string =>
  peopleAreQuoted(readingOf(scenario, ended))
    .map(({ message }) => message)
    .join('\n');
const recording = (change: (run: readonly Said[]) => readonly Said[]): Scenario => ({
  ...healthy,
  run: change(healthy.run),
});
const completed: Said = ['run.completed', {}];

test('a run repeats what the approval service says', () => {
  expect(problems(healthy)).toBe('');
});

test('a run that is still open, or has ended before, need not know all of it', () => {
  const short = recording((run) => run.slice(0, 4));
  expect(problems(short, false)).toBe('');
  expect(problems({ ...short, run: [...short.run, completed] })).toBe('');
  expect(problems(short)).toMatch(/approval.voted of run.2 was never recorded/);
});

test.each<[string, Scenario]>([
  ['a grant that nobody gave', where((approval) => approval.slice(0, 3))],
  ['a vote under another name', recording((run) => run.with(3, voted({ ...fin, sub: 'dan' }, 'c1')))],
  ['a vote that is left out', recording((run) => run.toSpliced(3, 1))],
  ['a vote that is told twice', recording((run) => run.toSpliced(3, 0, voted(fin, 'c1')))],
  ['a grant in front of its votes', recording((run) => [...run.slice(0, 3), granted(), ...run.slice(3, 5)])],
])('found: %s', (_, scenario) => {
  expect(problems(scenario)).toMatch(/has not said/);
});
