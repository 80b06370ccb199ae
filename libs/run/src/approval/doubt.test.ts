import { describe, expect, test } from 'vitest';
import { denied, granted, opened, requestOf, shown, single } from '../../test/approval-story.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  late,
  retry,
  run,
  succeeded,
  unknown,
} from '../../test/run-story.js';
import { verifiable, write } from '../../test/workflows.js';

describe('a call in doubt', () => {
  const repeating = () => {
    const story = run([write('pay')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    return story.when(before(story, 'pay', { approval: single }));
  };

  test('whose repetition requires people is repeated once they grant it, also in a run that is cancelled', () => {
    const story = repeating().thenTypes('verdict.recorded', 'approval.requested');
    story.when(opened(story, 'pay')).when(cancel(story)).thenTypes('run.cancelling');
    expect(shown(story).kinds).toEqual(['approval']);
    const { approvalId } = requestOf(story, 'pay');
    story.when(granted(story, 'pay'));
    story.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.requested', data: { recovery: true, approvalId } },
    );
    story.when(before(story, 'pay', { approval: single })).when(succeeded(story, 'pay'));
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.escalated');
  });

  test('stays in doubt when they deny it: a person is asked what happened', () => {
    const story = repeating();
    story.when(denied(story, 'pay')).thenTypes('approval.denied', 'call.recovery_started');
    story.whenDue().thenEvents({ type: 'step.parked', data: { because: 'in_doubt' } });
    story.when(retry(story, 'pay')).thenTypes('step.resumed', 'call.doubt_resolved', 'call.requested');
    expect(callRequestOf(story, 'pay').approvalId).toBeUndefined();
  });

  test('that turns out to have happened no longer needs them', () => {
    const story = run([write('pay')]);
    story.when(before(story, 'pay'));
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story
      .when(unknown(story, 'pay'))
      .whenDue()
      .when(before(story, 'pay', { approval: single }));
    story
      .when(late(requestId, callHash, { of: 'pay' }))
      .thenTypes('call.late_recorded', 'call.doubt_resolved', 'run.checkpointed', 'approval.unneeded');
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('whose verification requires people is verified once they grant it', () => {
    const story = run([verifiable('pay')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    const { callHash } = callRequestOf(story, 'pay');
    story.when(before(story, 'pay', { approval: single }));
    story.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'approval.requested', data: { callHash, subject: { kind: 'call', tool: 'pay.find' } } },
    );
    const { approvalId } = requestOf(story, 'pay');
    story.when(opened(story, 'pay'));
    expect(shown(story)).toEqual({ status: 'waiting', kinds: ['approval'] });
    story.when(granted(story, 'pay'));
    expect(callRequestOf(story, 'pay')).toMatchObject({ purpose: 'verify', callHash, approvalId });
    story.when(before(story, 'pay', { approval: single }));
    story
      .when(succeeded(story, 'pay', { found: true, output: 1 }))
      .thenTypes('call.recorded', 'call.doubt_resolved', 'run.checkpointed');
  });
});

test('a repetition that a verdict ends after the call was found to have happened completes the step', () => {
  const story = run([write('pay')]);
  story.when(before(story, 'pay'));
  const { requestId, callHash } = callRequestOf(story, 'pay');
  story.when(unknown(story, 'pay')).whenDue();
  const verdict = before(story, 'pay', deny);
  story.when(late(requestId, callHash, 7)).when(after(story, 'pay'));
  story.when(verdict).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});
