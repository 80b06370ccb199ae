import { runIdOfChild } from '@interlock/contracts';
import { inlineReadModel, runFold } from '@interlock/read-model';
import { expect, test } from 'vitest';
import { startRecord } from '../../../../libs/read-model/test/run.records.js';
import { RunFinder } from './run.finder.js';

const readModel = () => inlineReadModel(':memory:', runFold, { readAt: async () => [] }, () => undefined);

test('a run that another gateway has just accepted is waited for', async () => {
  const model = readModel();
  const finder = new RunFinder(
    model,
    {
      async caughtUp(partition) {
        model.feed('run.commands', partition, [startRecord('a', 0)]);
        return true;
      },
    },
    1,
  );
  expect((await finder.find('a', '')).status).toBe('accepted');
  await model.close();
});

test('a run is unknown only once everything is read', async () => {
  const model = readModel();
  await expect(new RunFinder(model, { caughtUp: async () => true }, 1).find('a', '')).rejects.toMatchObject({
    status: 404,
  });
  await expect(new RunFinder(model, { caughtUp: async () => false }, 1).find('a', '')).rejects.toMatchObject({
    status: 503,
  });
  await model.close();
});

test('a child may lie in any partition: what its id looks like is unknown only once all of them are read', async () => {
  const model = readModel();
  const read: number[] = [];
  const caughtUp = async (partition: number) => {
    read.push(partition);
    return partition !== 2;
  };
  const finder = new RunFinder(model, { caughtUp }, 3);
  await expect(finder.find(runIdOfChild('a', 'ask', 1), '')).rejects.toMatchObject({ status: 503 });
  expect(read).toEqual([0, 1, 2]);
  await model.close();
});
