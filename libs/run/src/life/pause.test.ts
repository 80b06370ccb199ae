import { describe, expect, test } from 'vitest';
import { granted, opened, single } from '../../test/approval-story.js';
import {
  after,
  before,
  blank,
  callRequestOf,
  cancel,
  failed,
  pause,
  perform,
  refused,
  resume,
  run,
  signal,
  started,
  succeeded,
  T0,
  unknown,
} from '../../test/run-story.js';
import { read, verifiable, wait, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a paused run', () => {
  test('records what is open and starts nothing until it is resumed', () => {
    const story = run([read('order'), read('next', { needs: ['order'] })]);
    story
      .when(pause(story))
      .thenEvents({ type: 'run.paused', data: { by: { sub: 'ada' }, reason: 'a reason' } });
    expect(describeRun(story.state!)).toMatchObject({
      status: 'paused',
      paused: { by: 'ada', reason: 'a reason' },
      waitingFor: [{ kind: 'call', step: 'order' }],
    });
    perform(story, 'order').thenTypes('verdict.recorded', 'step.completed');
    story.thenDue(T0 + 3_600_000);
    story.when(resume(story)).thenTypes('run.resumed', 'call.requested');
    expect(describeRun(story.state!)).toMatchObject({ status: 'running' });
    perform(story, 'next').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('whose pause came before its start is held back from its first step', () => {
    const form = workflow([read('order')]);
    let known = false;
    const story = blank(form, { workflow: () => (known ? { compiled: form } : undefined) });
    story.when(started(form)).when(pause(story)).thenDeferred();
    known = true;
    story.whenDue().thenTypes('run.started', 'run.paused');
    story.when(resume(story)).thenTypes('run.resumed', 'call.requested');
  });

  test('holds retries back; they are due at once when it is resumed', () => {
    const story = run([read('order')]);
    story.when(pause(story)).when(failed(story, 'order')).thenTypes('call.recorded', 'step.retry_scheduled');
    story.after(60_000).when({ kind: 'due' }).thenNothing();
    story.thenDue(T0 + 3_600_000);
    story.when(resume(story)).thenTypes('run.resumed').whenDue().thenTypes('call.requested');
    expect(story.now).toBe(T0 + 60_000);
  });

  test('ends when its time is up, also with nothing but steps that wait to start', () => {
    const story = run(
      workflow([read('order'), read('next', { needs: ['order'] })], { budget: { durationMs: 5_000 } }),
    );
    story.when(pause(story));
    perform(story, 'order');
    story
      .thenDue(T0 + 5_000)
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { step: 'next', failure: { code: 'budget.duration' } } },
        { type: 'run.budget_warned' },
        { type: 'run.failed' },
      );
  });

  test('asks people and hears them; what they grant is requested when it is resumed', () => {
    const story = run([write('pay')]);
    story.when(pause(story)).when(before(story, 'pay', { approval: single }));
    story.thenTypes('verdict.recorded', 'approval.requested');
    story
      .when(opened(story, 'pay'))
      .when(granted(story, 'pay'))
      .thenTypes('approval.granted', 'run.checkpointed');
    expect(describeRun(story.state!).status).toBe('paused');
    story.when(resume(story)).whenDue().thenTypes('call.requested');
    expect(callRequestOf(story, 'pay').approvalId).toBe('run-1.5');
  });

  test('clears up a call in doubt, and repeats what did not happen only when it is resumed', () => {
    const story = run([verifiable('pay')]);
    story.when(before(story, 'pay')).when(pause(story)).when(unknown(story, 'pay'));
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify' } });
    story.when(before(story, 'pay'));
    story.when(succeeded(story, 'pay', { found: false })).thenTypes('call.recorded', 'call.doubt_resolved');
    story.when(resume(story)).whenDue();
    story.thenEvents({ type: 'call.requested', data: { purpose: 'step', recovery: false, attempt: 2 } });
  });

  test('repeats a call in doubt under its key', () => {
    const story = run([write('pay')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).when(pause(story));
    story.whenDue().thenEvents({ type: 'call.requested', data: { recovery: true } });
  });

  test('takes signals and lets waits end, and what follows them waits', () => {
    const story = run([
      wait('answer', { signal: 'go', deadlineMs: 9_000 }),
      read('next', { needs: ['answer'] }),
    ]);
    story
      .when(pause(story))
      .when(signal(story, 'go', 1))
      .thenTypes('signal.received', 'step.completed');
    story.when(resume(story)).thenTypes('run.resumed', 'call.requested');
  });

  test('completes when nothing is left to start', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(pause(story)).when(succeeded(story, 'order'));
    story.when(after(story, 'order')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('can be cancelled', () => {
    const story = run([read('order')]);
    story.when(pause(story)).when(cancel(story)).thenTypes('run.cancelling', 'call.revoked');
    expect(describeRun(story.state!)).toMatchObject({ status: 'running' });
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });
});

describe('pausing and resuming are refused', () => {
  test('when the run is paused already, or is not', () => {
    const story = run([read('order')]);
    story.when(resume(story)).thenEvents({ type: 'command.refused', data: { code: 'run.not_paused' } });
    story.when(pause(story));
    story.when(pause(story)).thenEvents({ type: 'command.refused', data: { code: 'run.paused' } });
  });

  test('when the run is ending', () => {
    const story = run([read('order')]);
    story.when(pause(story)).when(cancel(story));
    story.when(pause(story)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
    story.when(resume(story)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('twice with one command: the repeat changes nothing', () => {
    const story = run([read('order')]);
    const twice = pause(story);
    story.when(twice).thenTypes('run.paused');
    story.when(twice).thenNothing();
  });
});
