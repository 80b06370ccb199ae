// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import { before, failed, perform, run } from '../../../test/run-scenario.js';
import { read, switchOn } from '../../../test/workflows.js';

describe('a switch step', () => {
  const large = read('large');
  const small = read('small');

  test('takes the first branch whose condition holds', () => {
    const scenario = run([
      switchOn('route', [
        ['input.amount > 10', [large]],
        ['input.amount > 1', [small]],
      ]),
    ]).thenEvents(
      { type: 'run.started' },
      { type: 'scope.started', data: { step: 'route' } },
      { type: 'scope.opened', data: { step: 'route', branch: 1 } },
      { type: 'call.requested', data: { step: 'route/small' } },
    );
    perform(scenario, 'route/small');
    scenario.thenSee((state) =>
      expect(state.end?.output).toEqual({ route: { small: { of: 'route/small' } } }),
    );
  });

  test('takes the branch without a condition when none of the others holds', () => {
    run([
      switchOn('route', [
        ['input.amount > 10', [large]],
        [undefined, [small]],
      ]),
    ]).thenTypes('run.started', 'scope.started', 'scope.opened', 'call.requested');
  });

  test('gives nothing when there is no branch for it', () => {
    run([switchOn('route', [['false', [large]]])]).thenEvents(
      { type: 'run.started' },
      { type: 'scope.started' },
      { type: 'step.completed', data: { step: 'route', via: 'body', detail: 'no branch' } },
      { type: 'run.completed', data: { output: { route: null } } },
    );
  });

  test('fails with what fails in its branch, and a value may stand in', () => {
    const scenario = run([
      switchOn('route', [[undefined, [small]]], { onFailure: { do: 'value', value: 'none' } }),
    ]);
    scenario.when(before(scenario, 'route/small'));
    scenario.when(failed(scenario, 'route/small', { class: 'domain', code: 'gone' }));
    scenario.thenSee((state) => expect(state.end?.output).toEqual({ route: 'none' }));
  });
});
