import { describe, expect, test } from 'vitest';
import { oneEnd } from './i03-end.invariant.js';
import type { Reading } from './reading.js';

type Said = string | readonly [type: string, data: object];

/** What the invariant says of a run with these events. */
const found = (...said: readonly Said[]): string[] => {
  const events = said.map((one, index) => {
    const [type, data] = typeof one === 'string' ? [one, {}] : one;
    return { type, data, meta: { seq: index + 1 } };
  });
  return oneEnd({ runs: new Map([['run-1', events]]) } as unknown as Reading).map(({ message }) => message);
};

const failed = ['run.failed', { resumable: true }] as const;
const escalated = ['run.escalated', { resumable: true }] as const;

describe('a run may', () => {
  test.each<[string, readonly Said[]]>([
    [
      'end once, and hear of late outcomes and commands',
      ['run.completed', 'call.late_recorded', 'command.refused'],
    ],
    [
      'be taken up again as often as its ends allow',
      [failed, 'run.reopened', escalated, 'run.reopened', 'run.completed'],
    ],
    [
      'be taken up again after a command that was refused',
      [failed, 'command.refused', 'run.reopened', 'run.failed'],
    ],
    ['be closed', [escalated, 'run.closed', 'command.refused']],
    ['lapse', [failed, 'run.lapsed']],
    ['lose its values', [failed, 'values.erasing', 'values.counted', 'values.erased']],
    ['undo what it did once it had completed', ['run.completed', 'run.undoing', 'run.rolled_back']],
  ])('%s', (_what, said) => {
    expect(found(...said)).toEqual([]);
  });
});

describe('a run may not', () => {
  test.each<[string, readonly Said[]]>([
    ['end twice', ['run.failed', 'run.failed']],
    ['go on after its end', ['run.completed', 'step.completed']],
    ['be taken up where its end does not say so', ['run.failed', 'run.reopened']],
    ['be taken up once it was closed', [escalated, 'run.closed', 'run.reopened']],
    ['be taken up once it has lapsed', [failed, 'run.lapsed', 'run.reopened']],
    ['be taken up once its values are erased', [failed, 'values.erasing', 'run.reopened']],
    ['be taken up once it has completed', [failed, 'run.reopened', 'run.completed', 'run.reopened']],
    ['undo what it did twice', ['run.completed', 'run.undoing', 'run.rolled_back', 'run.undoing']],
  ])('%s', (_what, said) => {
    expect(found(...said)).toHaveLength(1);
  });
});
