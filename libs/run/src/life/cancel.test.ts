import { describe, test } from 'vitest';
import { after, before, cancel, failed, refused, run, succeeded } from '../../test/run-story.js';
import { read, write } from '../../test/workflows.js';

describe('a cancel', () => {
  test('takes open calls back and ends the run once they are answered', () => {
    const story = run([read('order')]);
    story
      .when(cancel(story))
      .thenEvents({ type: 'run.cancelling' }, { type: 'call.revoked', data: { because: 'cancelled' } });
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });

  test('of a run whose write came through all the same ends escalated, after the check of that write', () => {
    const story = run([write('refund'), read('next', { needs: ['refund'] })]);
    story.when(before(story, 'refund')).when(cancel(story)).when(succeeded(story, 'refund'));
    story.thenTypes('call.recorded', 'run.checkpointed');
    story
      .when(after(story, 'refund'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed' },
        { type: 'run.escalated', data: { failure: { class: 'cancelled' }, standing: [{ step: 'refund' }] } },
      );
  });

  test('with rollback of a run that has written nothing just ends it', () => {
    const story = run([read('order')]);
    story.when(cancel(story, true)).thenTypes('run.cancelling', 'call.revoked');
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });

  test('drops what waits to be tried again', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(failed(story, 'order'));
    story.when(cancel(story)).thenTypes('run.cancelling', 'run.cancelled');
  });
});

test('a failure in one branch takes back the calls of the others before the run ends', () => {
  const story = run([read('a'), read('b')]);
  story
    .when(before(story, 'b'))
    .when(before(story, 'a'))
    .when(failed(story, 'a', { class: 'domain' }))
    .thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed' },
      { type: 'call.revoked', data: { step: 'b' } },
    );
  story.when(refused(story, 'b')).thenTypes('call.recorded', 'run.failed');
});
