import { expect, test } from 'vitest';
import { emptyCatalogue } from './catalogue.js';
import { checkPublishedTrigger } from './check-trigger.js';

const trigger = {
  topic: { name: 'shop.orders', events: 'json' },
  does: { signal: { run: 'r', name: 'go' } },
};

test('a trigger that reads a topic of others is refused where nobody else can write, with what to do', () => {
  const refused = checkPublishedTrigger(trigger, emptyCatalogue, { hasTopicsOfOthers: false });
  expect(refused).toEqual([
    { path: 'topic', message: expect.stringMatching(/on Kafka alone .*Use signed requests here/) },
  ]);
  expect(checkPublishedTrigger(trigger, emptyCatalogue, { hasTopicsOfOthers: true })).toEqual([]);
});
