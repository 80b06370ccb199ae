import { expect, test } from 'vitest';
import { shortOf } from './writability.js';

const partition = (leader: number, isr: readonly number[]) => ({
  partitionId: 0,
  leader,
  isr,
  replicas: [1, 2, 3],
});

test.each([
  ['every replica in sync', [partition(1, [1, 2, 3])], undefined],
  ['enough in sync', [partition(1, [1, 2])], undefined],
  [
    'too few in sync',
    [partition(1, [1, 2]), partition(2, [2])],
    'run.commands/0 has 1 of 2 replicas in sync',
  ],
  ['no leader', [partition(-1, [])], 'run.commands/0 has no leader'],
  ['no partition', [], 'run.commands does not exist'],
])('with %s', (_name, partitions, why) => {
  expect(shortOf('run.commands', partitions, 2)).toBe(why);
});
