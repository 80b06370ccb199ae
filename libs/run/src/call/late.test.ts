import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  failed,
  late,
  lateFailure,
  type RunStory,
  refused,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-story.js';
import { askable, verifiable, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const inDoubt = (steps: Parameters<typeof run>[0]): RunStory => {
  const story = run(steps);
  return story.when(before(story, 'pay')).when(unknown(story, 'pay'));
};

describe('a late outcome', () => {
  test('that is a success answers a call in doubt', () => {
    const story = inDoubt([askable('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story
      .whenDue()
      .when(late(requestId, callHash, { id: 7 }))
      .thenEvents(
        { type: 'call.late_recorded', data: { requestId, effect: 'answers', check: { tool: 'pay.get' } } },
        { type: 'call.doubt_resolved', data: { happened: true, by: 'late' } },
        { type: 'run.checkpointed' },
      );
    story
      .when(after(story, 'pay'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { output: { id: 7 } } },
        { type: 'run.completed' },
      );
  });

  test('takes back the repetition that is open, and the step completes once that is answered', () => {
    const story = inDoubt([write('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story.whenDue().when(late(requestId, callHash, { id: 7 }));
    story.thenTypes('call.late_recorded', 'call.revoked', 'call.doubt_resolved', 'run.checkpointed');
    story
      .when(late(requestId, callHash, { id: 8 }))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
    story.when(after(story, 'pay')).thenTypes('verdict.recorded');
    story
      .when(refused(story, 'pay'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.completed', data: { output: { id: 7 } } },
        { type: 'run.completed' },
      );
  });

  test('takes back the question to the verify tool', () => {
    const story = inDoubt([verifiable('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story.whenDue().when(late(requestId, callHash, { id: 7 }));
    story.thenEvents(
      { type: 'call.late_recorded' },
      { type: 'call.revoked', data: { because: 'answered' } },
      { type: 'call.doubt_resolved' },
      { type: 'run.checkpointed' },
    );
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed');
    story.when(before(story, 'pay')).thenTypes('verdict.recorded');
    story.when(succeeded(story, 'pay', { found: false })).thenTypes('call.recorded', 'run.completed');
  });

  test('that is a failure answers only the attempt in doubt', () => {
    const story = inDoubt([verifiable('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story
      .when(lateFailure(requestId, callHash))
      .thenEvents(
        { type: 'call.late_recorded', data: { effect: 'answers' } },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'late' } },
        { type: 'step.retry_scheduled' },
      );
    story
      .when(lateFailure(requestId, callHash))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
  });

  test('that is a failure of a keyed call says nothing about the other attempts', () => {
    const story = inDoubt([write('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story
      .when(lateFailure(requestId, callHash))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'agrees' } });
  });

  test('after the end is recorded, and escalated when it changes what is known', () => {
    const story = inDoubt([askable('pay')]);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story.whenDue().when(skip(story, 'pay')).thenTypes('step.skipped', 'run.completed');
    story
      .when(late(requestId, callHash, {}))
      .thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    expect(describeRun(story.state!)).toMatchObject({
      status: 'completed',
      waitingFor: [{ kind: 'operator', step: 'pay' }],
    });
    story.when(late(requestId, callHash, {})).thenNothing();
  });

  test('after the end is recorded for each call, also of one step', () => {
    const story = inDoubt([askable('pay', { onFailure: { do: 'escalate' } })]);
    const first = callRequestOf(story, 'pay');
    story.whenDue().when(retry(story, 'pay')).when(before(story, 'pay'));
    story.when(failed(story, 'pay', { class: 'domain' })).when(retry(story, 'pay'));
    story.when(before(story, 'pay')).when(unknown(story, 'pay'));
    const second = callRequestOf(story, 'pay');
    story.whenDue().when(skip(story, 'pay'));
    expect(story.state!.end).toMatchObject({ status: 'completed' });
    for (const { requestId, callHash } of [first, second]) {
      story
        .when(late(requestId, callHash, {}))
        .thenEvents({ type: 'call.late_recorded', data: { callHash, effect: 'escalates' } });
    }
  });
});
