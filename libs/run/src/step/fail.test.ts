// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import { before, failed, perform, run, skip, T0 } from '../../test/run-scenario.js';
import { read, workflow } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a step fails', () => {
  test('with its fallback value instead', () => {
    const scenario = run([read('order', { onFailure: { do: 'value', value: { total: 0 } } })]);
    scenario
      .when(before(scenario, 'order'))
      .when(failed(scenario, 'order', { class: 'domain' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.fell_back' },
        { type: 'step.completed', data: { output: { total: 0 }, via: 'value' } },
        { type: 'run.completed', data: { output: { order: { total: 0 } } } },
      );
  });

  const mailing = () =>
    run([
      read('mail', { onFailure: { do: 'fallback', step: 'letter' } }),
      read('letter', { fallbackOnly: true, with: { why: '${steps.mail.failure.code}' } }),
      read('note', { needs: ['mail'], with: { sent: '${steps.mail.output.by}' } }),
    ]);

  test('and its fallback step stands in for it', () => {
    const scenario = mailing().thenTypes('run.started', 'call.requested');
    scenario
      .when(before(scenario, 'mail'))
      .when(failed(scenario, 'mail', { class: 'domain', code: 'bounced' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.fell_back', data: { to: 'letter' } },
        { type: 'call.requested', data: { step: 'letter', arguments: { why: 'bounced' } } },
      );
    perform(scenario, 'letter', { by: 'post' }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'letter' } },
      { type: 'step.completed', data: { step: 'mail', output: { by: 'post' }, via: 'value' } },
      { type: 'call.requested', data: { step: 'note', arguments: { sent: 'post' } } },
    );
    perform(scenario, 'note').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('and its own next attempt is forgotten once the fallback stands in for it', () => {
    const form = workflow(
      [
        read('mail', { onFailure: { do: 'fallback', step: 'letter' } }),
        read('letter', { fallbackOnly: true, onFailure: { do: 'escalate' } }),
      ],
      { budget: { toolCalls: 1 } },
    );
    const scenario = run(form);
    scenario.when(before(scenario, 'mail')).when(failed(scenario, 'mail'));
    scenario.whenDue().thenTypes('step.fell_back', 'step.parked');
    scenario.thenDue(T0 + 3_600_000);
  });

  test('and the run with it when its fallback fails too', () => {
    const scenario = mailing();
    scenario.when(before(scenario, 'mail')).when(failed(scenario, 'mail', { class: 'domain' }));
    scenario
      .when(before(scenario, 'letter'))
      .when(failed(scenario, 'letter', { class: 'domain' }))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('or completes, and then its fallback is not needed', () => {
    const scenario = mailing();
    perform(scenario, 'mail', { by: 'mail' });
    scenario.thenSee((_, { events }) =>
      expect(events.findLast(({ type }) => type === 'step.skipped')?.data).toMatchObject({
        step: 'letter',
        because: 'not_needed',
      }),
    );
    perform(scenario, 'note').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('and parks for an operator, who may skip it', () => {
    const scenario = run([
      read('order', { onFailure: { do: 'escalate' } }),
      read('next', { needs: ['order'] }),
    ]);
    scenario
      .when(before(scenario, 'order'))
      .when(failed(scenario, 'order', { class: 'domain' }))
      .thenTypes('call.recorded', 'step.parked');
    scenario.thenSee((state) => {
      expect(describeRun(state)).toMatchObject({
        status: 'waiting',
        waitingFor: [{ kind: 'operator', step: 'order' }],
      });
    });
    scenario
      .when(skip(scenario, 'order'))
      .thenEvents(
        { type: 'step.skipped', data: { because: 'operator' } },
        { type: 'call.requested', data: { step: 'next' } },
      );
  });

  test('as invalid input when its arguments cannot be worked out', () => {
    run([read('order', { with: { x: '${input.nothing.here}' } })]).thenEvents(
      { type: 'run.started' },
      { type: 'step.failed', data: { failure: { class: 'invalid_input', code: 'expression' } } },
      { type: 'run.failed' },
    );
  });
});

test('the value instead of a step may hold expressions, over what the step sees', () => {
  const value = { total: '${input.amount}', text: 'for ${input.amount}' };
  const scenario = run([read('order', { onFailure: { do: 'value', value } })]);
  scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { class: 'domain' }));
  scenario.thenEvents(
    { type: 'call.recorded' },
    { type: 'step.fell_back' },
    { type: 'step.completed', data: { output: { total: 5, text: 'for 5' }, via: 'value' } },
    { type: 'run.completed' },
  );
});

test('a value instead of a step that has no value fails the step for good', () => {
  const value = { total: '${input.nothing}' };
  const scenario = run([read('order', { onFailure: { do: 'value', value } })]);
  scenario.when(before(scenario, 'order')).when(failed(scenario, 'order', { class: 'domain' }));
  scenario.thenEvents(
    { type: 'call.recorded' },
    { type: 'step.failed', data: { failure: { class: 'invalid_input', code: 'expression' } } },
    { type: 'run.failed' },
  );
});
