import { describe, expect, test } from 'vitest';
import { granted, single } from '../../../test/approval-scenario.js';
import { child, Family } from '../../../test/family-scenario.js';
import {
  after,
  before,
  failed,
  pause,
  perform,
  type RunScenario,
  refused,
  run,
  runId,
  succeeded,
} from '../../../test/run-scenario.js';
import { ask, forEach, read, repeat, workflow, write } from '../../../test/workflows.js';

const typesIn = ({ events }: RunScenario) => events.map(({ type }) => type);

describe('a turn that ends', () => {
  test('leaves nobody who is asked: an answer that comes all the same says nothing new', () => {
    const scenario = run([
      forEach('lines', [1], [ask('agree'), read('price')], { failAfter: { items: 1 } }),
      read('last', { needs: ['lines'] }),
    ]);
    scenario.when(before(scenario, 'lines[0]/price'));
    scenario.when(failed(scenario, 'lines[0]/price', { class: 'domain', code: 'gone' }));
    expect(typesIn(scenario)).toEqual(expect.arrayContaining(['approval.unneeded', 'scope.closed']));
    scenario.when(granted(scenario, 'lines[0]/agree')).thenNothing();
  });

  test('takes a verdict that comes after it, on what people had allowed in it', () => {
    const scenario = run([
      forEach('lines', [1], [write('pay')], {
        timeout: { totalMs: 500 },
        onFailure: { do: 'value', value: 1 },
      }),
      read('last', { needs: ['lines'] }),
    ]);
    scenario.when(before(scenario, 'lines[0]/pay', { approval: single }));
    scenario
      .when(granted(scenario, 'lines[0]/pay'))
      .thenTypes('approval.granted', 'run.checkpointed', 'call.requested');
    const late = before(scenario, 'lines[0]/pay', { approval: single });
    scenario.whenDue().when(refused(scenario, 'lines[0]/pay'));
    expect(typesIn(scenario)).toContain('scope.closed');
    scenario.when(late).thenTypes('verdict.recorded');
  });

  test('starts nothing behind a write that ends well in it', () => {
    const steps = [write('reserve'), read('label', { needs: ['reserve'] })];
    const scenario = run([forEach('lines', [1], steps, { timeout: { totalMs: 500 } })]);
    scenario.when(before(scenario, 'lines[0]/reserve')).whenDue();
    scenario.thenTypes('scope.stopping', 'call.revoked');
    scenario
      .when(succeeded(scenario, 'lines[0]/reserve'))
      .when(after(scenario, 'lines[0]/reserve'))
      .thenTypes(
        'verdict.recorded',
        'step.completed',
        'scope.closed',
        'step.failed',
        'rollback.started',
        'step.compensation_failed',
        'run.escalated',
      );
  });
});

test('a child that waits for what another one holds does not start in a turn that ends', () => {
  const of = workflow([read('work')], {
    name: 'child',
    budget: { tokens: 300, costUsd: 0.1, steps: 2, toolCalls: 2 },
  });
  const lines = forEach('lines', [1, 2], [child('one', of)], { timeout: { totalMs: 500 } });
  const family = new Family(workflow([lines], { budget: { tokens: 300 } }), [of]);
  family.when(runId, pause(family.parent)).perform(family.childOf('lines[0]/one'), 'work');
  family.parent.whenDue().whenDue();
  expect(family.types(runId).filter((type) => type === 'child.requested')).toHaveLength(1);
  expect(family.parent.state?.end).toMatchObject({ status: 'failed', failure: { code: 'step.timeout' } });
});

describe('a paused run', () => {
  test('opens no other turn, and fails where nothing is left to try', () => {
    const passes = repeat('poll', { until: 'false', max: 1 }, [read('status')], {
      timeout: { totalMs: 500 },
    });
    const scenario = run(workflow([passes]));
    scenario
      .when(before(scenario, 'poll#1/status'))
      .when(succeeded(scenario, 'poll#1/status'))
      .when(pause(scenario));
    scenario.whenDue().thenTypes('scope.stopping');
    scenario.when(after(scenario, 'poll#1/status')).whenDue();
    expect(scenario.state?.end).toMatchObject({ status: 'failed', failure: { code: 'step.timeout' } });
  });

  test('begins no pass until it is resumed', () => {
    const scenario = run([repeat('poll', { until: 'false', max: 3, everyMs: 1_000 }, [read('status')])]);
    perform(scenario, 'poll#1/status');
    scenario.when(pause(scenario)).after(5_000).when({ kind: 'due' });
    expect(typesIn(scenario).filter((type) => type === 'scope.opened')).toHaveLength(1);
  });
});
