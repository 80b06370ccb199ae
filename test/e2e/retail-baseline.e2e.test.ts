import { expect, test } from 'vitest';
import { Person } from './person.ts';
import { retailCases } from './retail.calls.ts';
import { startRetailOnEmbedded } from './retail.system.ts';
import type { Run } from './system.client.ts';

test('without a model a person takes over, and nothing is asked or written', async () => {
  const system = await startRetailOnEmbedded({ INTERLOCK_AUTONOMY: 'baseline' });
  try {
    const { cases, data } = retailCases();
    const [{ customer, request } = cases[0]!] = cases;
    const person = new Person(system, customer, ['operator']);
    const body = { workflow: 'retail-request', input: { requestId: 'r-1', request } };
    const { body: run } = await person.ask<Run>('POST', '/v1/runs?wait=30s', body);
    expect([run.status, run.output]).toEqual([
      'completed',
      { outcome: 'transferred', summary: 'A person takes over.' },
    ]);
    expect(system.desk.model.asked).toEqual([]);
    expect(system.desk.store.data()).toEqual(data);
  } finally {
    await system.remove();
  }
});
