import { CHILD_DIED, ToolPlaceAwaited } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { about, before, failed, fromTool, retry, run, succeeded, unknown } from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const died = { class: 'transient', code: CHILD_DIED } as const;

describe('a call whose attempts end the process that runs them', () => {
  test('parks after three of them, with its name, and a person may have it tried again', () => {
    const scenario = run([read('order')]);
    for (let attempt = 1; attempt < 3; attempt += 1) {
      scenario
        .when(before(scenario, 'order'))
        .when(failed(scenario, 'order', died))
        .thenTypes('call.recorded', 'step.retry_scheduled');
      scenario.whenDue();
    }
    scenario
      .when(before(scenario, 'order'))
      .when(failed(scenario, 'order', died))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.parked', data: { because: 'escalated', failure: { code: 'tool.keeps_dying' } } },
      );
    expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'order' }]);
    scenario.when(retry(scenario, 'order'));
    scenario.when(before(scenario, 'order')).when(succeeded(scenario, 'order')).thenTypes('call.recorded');
  });

  test('counts only what has: other failures between them leave it as many attempts as ever', () => {
    const scenario = run([read('order')]);
    for (const failure of [died, {}, died, {}]) {
      scenario
        .when(before(scenario, 'order'))
        .when(failed(scenario, 'order', failure))
        .thenTypes('call.recorded', 'step.retry_scheduled');
      scenario.whenDue();
    }
  });

  test('follows what its step says about a failure, where it says anything', () => {
    const scenario = run([read('order', { onFailure: { do: 'value', value: 0 } })]);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', died));
      if (attempt < 3) scenario.whenDue();
    }
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'step.fell_back', data: { failure: { code: 'tool.keeps_dying' } } },
      { type: 'step.completed' },
      { type: 'run.completed' },
    );
  });

  test('that writes stays in doubt: a person is asked after three, and not after five as otherwise', () => {
    const scenario = run([write('pay')]);
    for (let attempt = 1; attempt < 3; attempt += 1) {
      scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay', CHILD_DIED));
      scenario.whenDue().thenEvents({ type: 'call.requested', data: { recovery: true } });
    }
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay', CHILD_DIED));
    while (!scenario.events.some(({ type }) => type === 'step.parked')) scenario.whenDue();
    scenario.thenEvents({
      type: 'step.parked',
      data: {
        because: 'in_doubt',
        failure: {
          message:
            'nobody knows whether this call happened (internal tool.keeps_dying): retry it if it did not, skip it if it did',
        },
      },
    });
  });
});

test('a call that waits for a place at the executor says what for, until it has one', () => {
  const scenario = run(workflow([read('order')]));
  scenario.when(before(scenario, 'order'));
  const waits = (what?: string) =>
    fromTool(ToolPlaceAwaited({ ...about(scenario, 'order'), ...(what !== undefined && { for: what }) }));
  const shown = () => describeRun(scenario.state!).waitingFor?.[0]?.detail;
  scenario.when(waits('orders.get waits for a place')).thenTypes('call.place_awaited');
  expect(shown()).toMatch(/^orders.get waits for a place \(run/);
  scenario.when(waits('orders.get waits for a place')).thenTypes();
  scenario.when(waits()).thenTypes('call.place_awaited');
  expect(shown()).toMatch(/^the answer to/);
  scenario.when(succeeded(scenario, 'order'));
  scenario.when(waits('too late')).thenTypes();
});
