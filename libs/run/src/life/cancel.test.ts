import { describe, test } from 'vitest';
import { after, before, cancel, failed, refused, run, succeeded } from '../../test/run-scenario.js';
import { read, write } from '../../test/workflows.js';

describe('a cancel', () => {
  test('takes open calls back and ends the run once they are answered', () => {
    const scenario = run([read('order')]);
    scenario
      .when(cancel(scenario))
      .thenEvents({ type: 'run.cancelling' }, { type: 'call.revoked', data: { because: 'cancelled' } });
    scenario.when(refused(scenario, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });

  test('of a run whose write came through all the same ends escalated, after the check of that write', () => {
    const scenario = run([write('refund'), read('next', { needs: ['refund'] })]);
    scenario.when(before(scenario, 'refund')).when(cancel(scenario)).when(succeeded(scenario, 'refund'));
    scenario.thenTypes('call.recorded', 'run.checkpointed');
    scenario
      .when(after(scenario, 'refund'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed' },
        { type: 'run.escalated', data: { failure: { class: 'cancelled' }, standing: [{ step: 'refund' }] } },
      );
  });

  test('with rollback of a run that has written nothing just ends it', () => {
    const scenario = run([read('order')]);
    scenario.when(cancel(scenario, true)).thenTypes('run.cancelling', 'call.revoked');
    scenario.when(refused(scenario, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });

  test('drops what waits to be tried again', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order'));
    scenario.when(cancel(scenario)).thenTypes('run.cancelling', 'run.cancelled');
  });
});

test('a failure in one branch takes back the calls of the others before the run ends', () => {
  const scenario = run([read('a'), read('b')]);
  scenario
    .when(before(scenario, 'b'))
    .when(before(scenario, 'a'))
    .when(failed(scenario, 'a', { class: 'domain' }))
    .thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed' },
      { type: 'call.revoked', data: { step: 'b' } },
    );
  scenario.when(refused(scenario, 'b')).thenTypes('call.recorded', 'run.failed');
});
