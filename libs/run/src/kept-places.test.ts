import type { RecordedEvent } from '@interlock/actors';
import { catalogueOf, type RunEvent, runEvents } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { perform, performWrite, type RunScenario, run } from '../test/run-scenario.js';
import { read, write } from '../test/workflows.js';
import { evolve } from './evolve.js';
import type { RunState } from './state.js';
import { stateHash } from './state-hash.js';

const catalogue = catalogueOf(runEvents);

/** Names that docs/decisions/0026 keeps, as a later release may write them. */
const kept: Readonly<Record<string, object>> = {
  'run.started': {
    release: { name: 'stable', hash: 'r'.repeat(64) },
    search: { customer: 'c-1', amount: 5 },
    grant: 'grant-1',
  },
  'verdict.recorded': { facts: { paidToCustomer: 500 }, money: { amount: '5.00', currency: 'EUR' } },
};

type Recorded = RecordedEvent & RunEvent;
type Reading = 'trustedData' | 'validData';

/** The state that a log folds to, each event written and read again. */
function folded(scenario: RunScenario, reading: Reading, more: Readonly<Record<string, object>>): RunState {
  let state: RunState | undefined;
  for (const { type, data, id, seq, time } of scenario.events as readonly Recorded[]) {
    const stored = { ...(catalogue.recorded(type, data) as object), ...more[type] };
    const read = catalogue[reading](`${type}/1`, JSON.parse(JSON.stringify(stored)));
    state = evolve(state, { ...read, id, seq, time }, 'run-1', { keepFinished: true });
  }
  if (state === undefined) throw new Error('nothing was folded');
  return state;
}

test.each<Reading>(['trustedData', 'validData'])(
  'what a later release writes besides changes no state, read by %s',
  (reading) => {
    const scenario = run([read('order'), write('refund', { needs: ['order'] })]);
    perform(scenario, 'order');
    performWrite(scenario, 'refund').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
    const plain = stateHash(folded(scenario, reading, {}));
    expect(stateHash(folded(scenario, reading, kept))).toBe(plain);
  },
);

test('a call that another judge is to allow is refused, and none needs to name the usual one', () => {
  const scenario = run([write('refund')]);
  const call = scenario.last('call.requested').data as object;
  expect(catalogue.recorded('call.requested', call)).not.toHaveProperty('judge');
  expect(catalogue.validData('call.requested/1', call).data).toHaveProperty('judge', 'policy.events');
  expect(() => catalogue.validData('call.requested/1', { ...call, judge: 'policy.facts' })).toThrow(/judge/);
});
