import type { CompiledSearchField } from '@interlock/language';
import { expect, test } from 'vitest';
import { perform, run } from '../test/run-scenario.js';
import { read, wait, workflow } from '../test/workflows.js';
import { describeRun } from './index.js';

const text = (value: string): CompiledSearchField => ({ value, type: 'string' });
const scenario = (search: Record<string, CompiledSearchField>) =>
  run(
    workflow([read('quote'), wait('go', { signal: 'go', deadlineMs: 5_000 }, { needs: ['quote'] })], {
      search,
    }),
  );
type Scenario = ReturnType<typeof scenario>;
const found = ({ state }: Scenario) => state && describeRun(state).search;

test('a field has its value as soon as what it names is there, and keeps it when the run has let go of the rest', () => {
  const begun = scenario({
    workflow: text('run.workflow'),
    amount: { value: 'steps.quote.output.amount', type: 'number' },
  });
  expect(found(begun)).toEqual({ workflow: 'test' });
  expect(found(perform(begun, 'quote', { amount: 12.5 }))).toEqual({ workflow: 'test', amount: 12.5 });
});

test('what has no value, is of another type, or is too long for a name is left out', () => {
  const search = {
    amount: { value: 'steps.quote.output.amount', type: 'number' },
    at: { value: 'timestamp(steps.quote.output.at)', type: 'timestamp' },
    wrong: { value: 'timestamp(steps.quote.output.amount)', type: 'timestamp' },
    long: text('steps.quote.output.long'),
    paid: { value: 'steps.quote.output.paid', type: 'boolean' },
  } as const;
  const output = { amount: 'twelve', at: '2026-12-01T09:00:00+01:00', long: 'x'.repeat(257), paid: false };
  expect(found(perform(scenario(search), 'quote', output))).toEqual({
    at: '2026-12-01T08:00:00.000Z',
    paid: false,
  });
});

test('a run of a workflow that declares none says nothing of it', () => {
  expect(describeRun(run([wait('go', { signal: 'go', deadlineMs: 5_000 })]).state!)).not.toHaveProperty(
    'search',
  );
});
