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
} from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';

describe('the check before a call', () => {
  test('a deny ends the request and fails its step as denied', () => {
    const scenario = run([read('order')]);
    scenario
      .when(before(scenario, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { failure: { class: 'denied' } } },
        { type: 'run.failed', data: { step: 'order' } },
      );
  });

  test('a verdict that comes after its outcome is recorded, and the run does not end before it', () => {
    const scenario = run([read('order')]);
    const verdict = before(scenario, 'order');
    scenario
      .when(succeeded(scenario, 'order'))
      .when(after(scenario, 'order'))
      .thenTypes('verdict.recorded', 'step.completed');
    scenario.when(verdict).thenTypes('verdict.recorded', 'run.completed');
  });

  test('a repeated, foreign or shadow verdict changes nothing', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order', { mode: 'shadow' })).thenNothing();
    scenario.when(before(scenario, 'order', { requestId: 'run-1/999' })).thenNothing();
    scenario
      .when(before(scenario, 'order'))
      .when(before(scenario, 'order', deny))
      .thenNothing();
  });
});

describe('the check after a call', () => {
  const steps = [
    read('order'),
    write('refund', { needs: ['order'], with: { to: '${steps.order.output.email}' } }),
  ];
  const ordered = () => {
    const scenario = run(steps);
    return scenario
      .when(before(scenario, 'order'))
      .when(succeeded(scenario, 'order', { email: 'a@b', total: 5 }));
  };

  test('a deny fails the step and ends what was made from it without waiting for an answer', () => {
    const scenario = ordered();
    scenario
      .when(after(scenario, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { step: 'order', failure: { class: 'denied' } } },
        { type: 'step.skipped', data: { step: 'refund', because: 'needs' } },
        { type: 'run.failed' },
      );
  });

  test('a deny after a write escalates the run and names the write that stands', () => {
    const scenario = run([write('refund')]);
    const { callHash } = callRequestOf(scenario, 'refund');
    scenario
      .when(before(scenario, 'refund'))
      .when(succeeded(scenario, 'refund'))
      .when(after(scenario, 'refund', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed' },
        { type: 'rollback.started', data: { because: 'failed', writes: [{ step: 'refund', callHash }] } },
        { type: 'step.compensation_failed', data: { failure: { code: 'compensation.none' } } },
        { type: 'run.escalated', data: { standing: [{ step: 'refund', callHash }] } },
      );
  });

  test('a redaction takes back what was made from the output, and requests it again without the redacted part', () => {
    const scenario = ordered();
    const first = callRequestOf(scenario, 'refund');
    scenario
      .when(after(scenario, 'order', { redact: ['email'] }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'call.revoked', data: { requestId: first.requestId, because: 'redacted' } },
        { type: 'step.completed', data: { output: { email: '[redacted]', total: 5 } } },
      );
    scenario
      .when(refused(scenario, 'refund'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.requested', data: { arguments: { to: '[redacted]' } } },
      );
    expect(callRequestOf(scenario, 'refund').callHash).not.toBe(first.callHash);
    perform(scenario, 'refund').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('a call that was performed in spite of a redaction stands as it happened', () => {
    const scenario = ordered();
    scenario
      .when(before(scenario, 'refund'))
      .when(after(scenario, 'order', { redact: ['email'] }))
      .when(succeeded(scenario, 'refund'))
      .thenTypes('call.recorded', 'run.checkpointed');
    scenario.when(after(scenario, 'refund')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('a step whose condition is false for now waits for the verdict before it is skipped', () => {
    const scenario = run([
      read('order'),
      read('more', { needs: ['order'], when: 'steps.order.output.total > 10' }),
    ]);
    scenario
      .when(before(scenario, 'order'))
      .when(succeeded(scenario, 'order', { total: 5 }))
      .thenTypes('call.recorded');
    scenario
      .when(after(scenario, 'order'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed' },
        { type: 'step.skipped', data: { because: 'condition' } },
        { type: 'run.completed' },
      );
  });

  test('a step does not start ahead of a check that is older than this decision', () => {
    const scenario = run([read('a'), read('b'), read('c', { needs: ['a', 'b'] })]);
    scenario.when(succeeded(scenario, 'a')).thenTypes('call.recorded');
    scenario.when(succeeded(scenario, 'b')).thenTypes('call.recorded');
    scenario.when(after(scenario, 'a')).thenTypes('verdict.recorded', 'step.completed');
    scenario.when(after(scenario, 'b')).thenTypes('verdict.recorded', 'step.completed', 'call.requested');
  });

  test('a call performed ahead completes only once the step it needs has completed', () => {
    const scenario = run([read('a'), read('b', { needs: ['a'] }), read('c', { needs: ['b'] })]);
    scenario.when(before(scenario, 'a')).when(succeeded(scenario, 'a'));
    scenario.when(before(scenario, 'b')).when(succeeded(scenario, 'b')).thenTypes('call.recorded');
    scenario.when(after(scenario, 'b')).thenTypes('verdict.recorded');
    scenario
      .when(after(scenario, 'a'))
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
