// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  denied,
  dual,
  escalated,
  expired,
  granted,
  opened,
  reminded,
  shown,
  single,
  voted,
  voteRefused,
  waiting,
  withdrawn,
} from '../../test/approval-story.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  refused,
  run,
  succeeded,
  T0,
} from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun, foldRun, stateHash } from '../index.js';

test('an answer that broke its contract grants nothing: the run has to be looked at', () => {
  const story = waiting([write('pay'), write('refund')]);
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: 'run-1' };
  const poison = { kind: 'poison', topic: 'approval.events', problem: 'votes: required', meta } as const;
  story.when({ ...poison, type: 'approval.voted/1' }).thenNothing();
  story
    .when({ ...poison, type: 'approval.granted/1' })
    .thenEvents(
      { type: 'step.failed', data: { step: 'pay', failure: { class: 'internal', code: 'approval.poison' } } },
      { type: 'call.revoked', data: { step: 'refund' } },
      { type: 'approval.unneeded', data: { because: 'failed' } },
    );
  story.when(refused(story, 'refund')).thenTypes('call.recorded', 'run.escalated');
});

describe('what people do', () => {
  test('is recorded once, in any order, and nothing more once it is settled', () => {
    const story = waiting();
    const inputs = [
      opened(story, 'pay'),
      voted(story, 'pay', 'vote-1'),
      reminded(story, 'pay'),
      escalated(story, 'pay'),
      voteRefused(story, 'pay', 'vote-2'),
    ];
    for (const input of inputs) {
      expect(story.when(input).decision.events).toHaveLength(1);
      story.when(input).thenNothing();
    }
    story.when(denied(story, 'pay'));
    const late = [
      granted(story, 'pay'),
      denied(story, 'pay'),
      expired(story, 'pay'),
      withdrawn(story, 'pay'),
    ];
    for (const input of [...late, ...inputs]) story.when(input).thenNothing();
  });

  test('after it is settled a vote that was refused is still recorded', () => {
    const story = waiting([write('pay'), read('order')]);
    story
      .when(granted(story, 'pay'))
      .when(voteRefused(story, 'pay', 'vote-9'))
      .thenTypes('approval.vote_refused');
    story.when(voted(story, 'pay', 'vote-10')).thenNothing();
  });

  test('about an approval this run never asked for changes nothing', () => {
    const story = waiting();
    const other = waiting([read('other'), write('pay')]);
    story.when(granted(other, 'pay')).thenNothing();
  });

  test('shows the next group once it was escalated', () => {
    const approval = { ...dual, escalateTo: ['finance-director'] };
    const story = waiting([write('pay')], approval);
    story.when(opened(story, 'pay')).when(escalated(story, 'pay'));
    expect(describeRun(story.state!).waitingFor![0]!.detail).toContain('finance or finance-director');
  });

  test('folds to the state that the checkpoint of the grant names', () => {
    const story = waiting();
    story
      .when(opened(story, 'pay'))
      .when(voted(story, 'pay', 'v'))
      .when(granted(story, 'pay'));
    const { seq, stateHash: hash } = story.last('run.checkpointed').data as {
      seq: number;
      stateHash: string;
    };
    const events = JSON.parse(JSON.stringify(story.events.slice(0, seq)));
    expect(stateHash(foldRun(story.key, events)!)).toBe(hash);
  });
});

describe('a request is taken back', () => {
  test('by a cancel, and a grant that crosses it requests nothing', () => {
    const story = waiting([write('pay'), read('order')]);
    const grant = granted(story, 'pay');
    story
      .when(cancel(story))
      .thenEvents(
        { type: 'run.cancelling' },
        { type: 'call.revoked' },
        { type: 'approval.unneeded', data: { approvalId: 'run-1.5', step: 'pay', because: 'cancelled' } },
      );
    story.when(grant).thenTypes('approval.granted');
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
    story.when(opened(story, 'pay')).thenNothing();
  });

  test('by a failure elsewhere', () => {
    const story = waiting([write('pay'), read('order')]);
    story
      .when(before(story, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { step: 'order' } },
        { type: 'approval.unneeded', data: { step: 'pay', because: 'failed' } },
        { type: 'run.failed' },
      );
  });

  test('by the step’s total timeout, and by the end of the run’s time', () => {
    const totalMs = 5_000;
    const story = waiting([write('pay', { timeout: { attemptMs: 1_000, totalMs } })]);
    story.when(opened(story, 'pay')).thenDue(T0 + totalMs);
    story
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'step.timeout' } } },
        { type: 'approval.unneeded', data: { because: 'timeout' } },
        { type: 'run.failed' },
      );
    const short = waiting(workflow([write('pay')], { budget: { durationMs: 2_000 } }));
    short.whenDue().thenTypes('step.failed', 'approval.unneeded', 'run.budget_warned', 'run.failed');
  });

  test('and a grant that crosses it leaves a step that went on as it is', () => {
    const timeout = { attemptMs: 1_000, totalMs: 5_000 };
    const story = waiting([write('pay', { timeout, onFailure: { do: 'escalate' } })]);
    const grant = granted(story, 'pay');
    story.whenDue().thenTypes('step.parked', 'approval.unneeded');
    story
      .when(grant)
      .thenTypes('approval.granted')
      .thenDue(T0 + 3_600_000);
    expect(shown(story).kinds).toEqual(['operator']);
  });

  test('when the check of the output it was made from takes something out: the call is made anew', () => {
    const story = run([
      read('order'),
      write('pay', { needs: ['order'], with: { to: '${steps.order.output.email}' } }),
    ]);
    story.when(before(story, 'order')).when(succeeded(story, 'order', { email: 'a@b' }));
    story
      .when(before(story, 'pay', { approval: single }))
      .thenTypes('verdict.recorded', 'approval.requested');
    const grant = granted(story, 'pay');
    story
      .when(after(story, 'order', { redact: ['email'] }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { step: 'order' } },
        { type: 'call.requested', data: { arguments: { to: '[redacted]' } } },
        { type: 'approval.unneeded', data: { because: 'changed' } },
      );
    expect(callRequestOf(story, 'pay').approvalId).toBeUndefined();
    story.when(grant).thenTypes('approval.granted');
  });

  test('and a grant before that check waits for it', () => {
    const story = run([read('order'), write('pay', { needs: ['order'] })]);
    story.when(before(story, 'order')).when(succeeded(story, 'order'));
    story.when(before(story, 'pay', { approval: single }));
    story.when(granted(story, 'pay')).thenTypes('approval.granted', 'run.checkpointed');
    story.when(after(story, 'order')).thenTypes('verdict.recorded', 'step.completed').whenDue();
    story.thenEvents({ type: 'call.requested', data: { step: 'pay', approvalId: 'run-1.7' } });
  });
});
