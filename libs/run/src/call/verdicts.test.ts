// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  deny,
  perform,
  refused,
  run,
  succeeded,
} from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';

describe('the check before a call', () => {
  test('a deny ends the request and fails its step as denied', () => {
    const story = run([read('order')]);
    story
      .when(before(story, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { failure: { class: 'denied' } } },
        { type: 'run.failed', data: { step: 'order' } },
      );
  });

  test('a verdict that comes after its outcome is recorded, and the run does not end before it', () => {
    const story = run([read('order')]);
    const verdict = before(story, 'order');
    story
      .when(succeeded(story, 'order'))
      .when(after(story, 'order'))
      .thenTypes('verdict.recorded', 'step.completed');
    story.when(verdict).thenTypes('verdict.recorded', 'run.completed');
  });

  test('a repeated, foreign or shadow verdict changes nothing', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order', { mode: 'shadow' })).thenNothing();
    story.when(before(story, 'order', { requestId: 'run-1/999' })).thenNothing();
    story
      .when(before(story, 'order'))
      .when(before(story, 'order', deny))
      .thenNothing();
  });
});

describe('the check after a call', () => {
  const steps = [
    read('order'),
    write('refund', { needs: ['order'], with: { to: '${steps.order.output.email}' } }),
  ];
  const ordered = () => {
    const story = run(steps);
    return story.when(before(story, 'order')).when(succeeded(story, 'order', { email: 'a@b', total: 5 }));
  };

  test('a deny fails the step and ends what was made from it without waiting for an answer', () => {
    const story = ordered();
    story
      .when(after(story, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { step: 'order', failure: { class: 'denied' } } },
        { type: 'step.skipped', data: { step: 'refund', because: 'needs' } },
        { type: 'run.failed' },
      );
  });

  test('a deny after a write escalates the run and names the write that stands', () => {
    const story = run([write('refund')]);
    const { callHash } = callRequestOf(story, 'refund');
    story
      .when(before(story, 'refund'))
      .when(succeeded(story, 'refund'))
      .when(after(story, 'refund', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed' },
        { type: 'rollback.started', data: { because: 'failed', writes: [{ step: 'refund', callHash }] } },
        { type: 'step.compensation_failed', data: { failure: { code: 'compensation.none' } } },
        { type: 'run.escalated', data: { standing: [{ step: 'refund', callHash }] } },
      );
  });

  test('a redaction takes back what was made from the output, and requests it again without the redacted part', () => {
    const story = ordered();
    const first = callRequestOf(story, 'refund');
    story
      .when(after(story, 'order', { redact: ['email'] }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'call.revoked', data: { requestId: first.requestId, because: 'redacted' } },
        { type: 'step.completed', data: { output: { email: '[redacted]', total: 5 } } },
      );
    story
      .when(refused(story, 'refund'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.requested', data: { arguments: { to: '[redacted]' } } },
      );
    expect(callRequestOf(story, 'refund').callHash).not.toBe(first.callHash);
    perform(story, 'refund').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('a call that was performed in spite of a redaction stands as it happened', () => {
    const story = ordered();
    story
      .when(before(story, 'refund'))
      .when(after(story, 'order', { redact: ['email'] }))
      .when(succeeded(story, 'refund'))
      .thenTypes('call.recorded', 'run.checkpointed');
    story.when(after(story, 'refund')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('a step whose condition is false for now waits for the verdict before it is skipped', () => {
    const story = run([
      read('order'),
      read('more', { needs: ['order'], when: 'steps.order.output.total > 10' }),
    ]);
    story
      .when(before(story, 'order'))
      .when(succeeded(story, 'order', { total: 5 }))
      .thenTypes('call.recorded');
    story
      .when(after(story, 'order'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed' },
        { type: 'step.skipped', data: { because: 'condition' } },
        { type: 'run.completed' },
      );
  });

  test('a step does not start ahead of a check that is older than this decision', () => {
    const story = run([read('a'), read('b'), read('c', { needs: ['a', 'b'] })]);
    story.when(succeeded(story, 'a')).thenTypes('call.recorded');
    story.when(succeeded(story, 'b')).thenTypes('call.recorded');
    story.when(after(story, 'a')).thenTypes('verdict.recorded', 'step.completed');
    story.when(after(story, 'b')).thenTypes('verdict.recorded', 'step.completed', 'call.requested');
  });

  test('a call performed ahead completes only once the step it needs has completed', () => {
    const story = run([read('a'), read('b', { needs: ['a'] }), read('c', { needs: ['b'] })]);
    story.when(before(story, 'a')).when(succeeded(story, 'a'));
    story.when(before(story, 'b')).when(succeeded(story, 'b')).thenTypes('call.recorded');
    story.when(after(story, 'b')).thenTypes('verdict.recorded');
    story
      .when(after(story, 'a'))
      .thenTypes('verdict.recorded', 'step.completed', 'step.completed', 'call.requested');
  });
});

test('independent branches are requested together', () => {
  run(workflow([read('a'), read('b'), read('c', { needs: ['a'] })])).thenTypes(
    'run.started',
    'call.requested',
    'call.requested',
  );
});
