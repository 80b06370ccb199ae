import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { showOperations } from './operations.exposition.js';
import { OperationsSampler } from './operations.sampler.js';

const place = { offset: 3, metadata: '' };
const answering = {
  bounds: async () => ({ start: 0, end: 5 }),
  committed: async () => place,
  partitions: async () => 1,
};

async function scrape(broker: ConstructorParameters<typeof OperationsSampler>[0]): Promise<string> {
  const registry = new Registry();
  showOperations(new OperationsSampler(broker, () => 10_000), [], registry);
  return registry.metrics();
}

test('a scrape tells how far services have read', async () => {
  const text = await scrape(answering);
  expect(text).toContain('interlock_broker_up 1');
  expect(text).toContain(
    'interlock_consumer_lag_records{service="policy",topic="run.events",partition="0"} 2',
  );
});

test('a broker that refuses, or does not answer, leaves gaps and no error', async () => {
  const moved = async () => {
    throw new Error('NOT_LEADER_FOR_PARTITION');
  };
  const silent = () => new Promise<never>(() => undefined);
  for (const bounds of [moved, silent]) {
    const text = await scrape({ ...answering, bounds });
    expect(text).toContain('interlock_broker_up 0');
    expect(text).not.toContain('interlock_consumer_lag_records{');
  }
});
