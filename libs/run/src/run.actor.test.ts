// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { expect, test } from 'vitest';
import { after, before, perform, run, succeeded } from '../test/run-scenario.js';
import { read, workflow, write } from '../test/workflows.js';
import { describeRun } from './index.js';

test('a run of one read completes with its output', () => {
  const scenario = run([read('order')]).thenEvents(
    { type: 'run.started' },
    { type: 'call.requested', data: { step: 'order' } },
  );
  scenario
    .when(before(scenario, 'order'))
    .thenEvents({ type: 'verdict.recorded', data: { point: 'before' } });
  scenario.when(succeeded(scenario, 'order', { total: 5 })).thenTypes('call.recorded');
  scenario
    .when(after(scenario, 'order'))
    .thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'order', via: 'call' } },
      { type: 'run.completed', data: { output: { order: { total: 5 } }, success: true } },
    );
});

test('the next call is requested with the check of the one before among its needs', () => {
  const scenario = run([
    read('order'),
    write('refund', { needs: ['order'], with: { total: '${steps.order.output.total}' } }),
  ]);
  scenario
    .when(before(scenario, 'order'))
    .when(succeeded(scenario, 'order', { total: 5 }))
    .thenEvents(
      { type: 'call.recorded', data: { check: { tool: 'order.get' } } },
      {
        type: 'call.requested',
        data: { step: 'refund', arguments: { total: 5 }, needs: ['run-1/4'] },
      },
    );
  scenario.when(after(scenario, 'order'));
  perform(scenario, 'refund').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});

test('output and success criterion are evaluated at the end', () => {
  const form = workflow([read('order')], {
    output: { paid: '${steps.order.output.paid}' },
    success: 'output.paid',
  });
  perform(run(form), 'order', { paid: false })
    .thenSee((state) => {
      expect(describeRun(state)).toMatchObject({ status: 'completed', success: false });
    })
    .thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});
