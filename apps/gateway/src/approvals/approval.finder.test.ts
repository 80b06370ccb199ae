import { runIdOfChild } from '@interlock/contracts';
import { inlineReadModel, runFold } from '@interlock/read-model';
import { expect, test } from 'vitest';
import { ApprovalFinder } from './approval.finder.js';

test('the approval of a child may lie in any partition: it is unknown only once all of them are read', async () => {
  const model = inlineReadModel(':memory:', runFold, { readAt: async () => [] }, () => undefined);
  const read: number[] = [];
  const caughtUp = async (partition: number) => {
    read.push(partition);
    return partition !== 2;
  };
  const approvalId = `${runIdOfChild('a', 'ask', 1)}.3`;
  const finder = new ApprovalFinder(model, { caughtUp }, 3);
  await expect(finder.find(approvalId, '')).rejects.toMatchObject({ status: 503 });
  expect(read).toEqual([0, 1, 2]);
  await model.close();
});
