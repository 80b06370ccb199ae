import { CHILD_DIED, ToolPlaceAwaited } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { about, before, failed, fromTool, retry, run, succeeded, unknown } from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const died = { class: 'transient', code: CHILD_DIED } as const;

describe('a call whose attempts end the process that runs them', () => {
  test('parks after three of them, with its name, and a person may have it tried again', () => {
    const story = run([read('order')]);
    for (let attempt = 1; attempt < 3; attempt += 1) {
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', died))
        .thenTypes('call.recorded', 'step.retry_scheduled');
      story.whenDue();
    }
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order', died))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.parked', data: { because: 'escalated', failure: { code: 'tool.keeps_dying' } } },
      );
    expect(describeRun(story.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'order' }]);
    story.when(retry(story, 'order'));
    story.when(before(story, 'order')).when(succeeded(story, 'order')).thenTypes('call.recorded');
  });

  test('counts only what has: other failures between them leave it as many attempts as ever', () => {
    const story = run([read('order')]);
    for (const failure of [died, {}, died, {}]) {
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', failure))
        .thenTypes('call.recorded', 'step.retry_scheduled');
      story.whenDue();
    }
  });

  test('follows what its step says about a failure, where it says anything', () => {
    const story = run([read('order', { onFailure: { do: 'value', value: 0 } })]);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      story.when(before(story, 'order')).when(failed(story, 'order', died));
      if (attempt < 3) story.whenDue();
    }
    story.thenEvents(
      { type: 'call.recorded' },
      { type: 'step.fell_back', data: { failure: { code: 'tool.keeps_dying' } } },
      { type: 'step.completed' },
      { type: 'run.completed' },
    );
  });

  test('that writes stays in doubt: a person is asked after three, and not after five as otherwise', () => {
    const story = run([write('pay')]);
    for (let attempt = 1; attempt < 3; attempt += 1) {
      story.when(before(story, 'pay')).when(unknown(story, 'pay', CHILD_DIED));
      story.whenDue().thenEvents({ type: 'call.requested', data: { recovery: true } });
    }
    story.when(before(story, 'pay')).when(unknown(story, 'pay', CHILD_DIED));
    while (!story.events.some(({ type }) => type === 'step.parked')) story.whenDue();
    story.thenEvents({
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
  const story = run(workflow([read('order')]));
  story.when(before(story, 'order'));
  const waits = (what?: string) =>
    fromTool(ToolPlaceAwaited({ ...about(story, 'order'), ...(what !== undefined && { for: what }) }));
  const shown = () => describeRun(story.state!).waitingFor?.[0]?.detail;
  story.when(waits('orders.get waits for a place')).thenTypes('call.place_awaited');
  expect(shown()).toMatch(/^orders.get waits for a place \(run/);
  story.when(waits('orders.get waits for a place')).thenTypes();
  story.when(waits()).thenTypes('call.place_awaited');
  expect(shown()).toMatch(/^the answer to/);
  story.when(succeeded(story, 'order'));
  story.when(waits('too late')).thenTypes();
});
