import { expect, test } from 'vitest';
import { BulkResults } from './bulk.results.js';

/** Runs that have all done what they were told, and which of them were looked at. */
function readModel() {
  const looked: string[] = [];
  const command = async (runId: string) => {
    looked.push(runId);
    return { runSeq: 1, answer: { type: 'run.cancelling', data: {} } };
  };
  return { looked, command };
}
const runsOf = (order: string) => Array.from({ length: 20 }, (_, run) => `${order}-${run}`);

test('answers are looked up from the first run on, each once', async () => {
  const model = readModel();
  const results = new BulkResults(model);
  const items = await results.of('a', runsOf('a'));
  expect(model.looked).toEqual(runsOf('a'));
  expect(items[0]).toEqual({ runId: 'a-0', commandId: 'bulk/a/a-0', result: 'done' });
  await results.of('a', runsOf('a'));
  expect(model.looked).toHaveLength(20);
});

test('answers are remembered of the orders that were asked for last', async () => {
  const model = readModel();
  const results = new BulkResults(model, 50);
  for (const order of ['a', 'b', 'a', 'c']) await results.of(order, runsOf(order));
  expect(model.looked).toHaveLength(60);
  await results.of('a', runsOf('a'));
  expect(model.looked).toHaveLength(60);
  await results.of('b', runsOf('b'));
  expect(model.looked).toHaveLength(80);
});
