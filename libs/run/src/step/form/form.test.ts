// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { fieldOf } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import {
  answer,
  cancel,
  pause,
  perform,
  type RunScenario,
  retry,
  run,
  T0,
} from '../../../test/run-scenario.js';
import { ask, decide, forEach, form, read } from '../../../test/workflows.js';
import { describeRun } from '../../index.js';

const basel = { city: 'Basel' };
function thenRefused(scenario: RunScenario, code: string, message: RegExp): void {
  scenario.thenEvents({ type: 'command.refused', data: { command: 'run.answer', code } });
  expect(fieldOf(scenario.decision.events[0]?.data, 'message')).toMatch(message);
}

describe('a form step', () => {
  test('asks what its templates make of the run, and shows it with the schema of the answer', () => {
    const address = form(
      'address',
      { question: 'Where does ${input.amount} go?', details: { total: '${steps.order.output.total}' } },
      { needs: ['order'] },
    );
    const scenario = perform(run([read('order'), address]), 'order', { total: 50 });
    scenario.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      {
        type: 'form.opened',
        data: { step: 'address', question: 'Where does 5 go?', details: { total: 50 }, roles: ['desk'] },
      },
    );
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [
        {
          kind: 'form',
          step: 'address',
          until: T0 + 60_000,
          detail: 'desk: Where does 5 go?',
          form: {
            question: 'Where does 5 go?',
            details: { total: 50 },
            roles: ['desk'],
            schema: address.form.schema,
          },
        },
      ],
    });
  });

  test('gives what somebody with one of its roles answers, and the log says who that was', () => {
    const scenario = run([form('address')]);
    scenario
      .when(answer(scenario, 'address', basel))
      .thenEvents(
        { type: 'form.answered', data: { step: 'address', by: { sub: 'dora' }, value: basel } },
        { type: 'step.completed', data: { step: 'address', via: 'form' } },
        { type: 'run.completed', data: { output: { address: basel } } },
      );
  });

  test('also while the run is paused', () => {
    const scenario = run([form('address')]);
    scenario.when(pause(scenario)).when(answer(scenario, 'address', basel));
    scenario.thenTypes('form.answered', 'step.completed', 'run.completed');
  });

  test('keeps nothing of the question once it has its answer', () => {
    const scenario = run([form('address'), read('order')]);
    scenario.when(answer(scenario, 'address', basel));
    expect(JSON.stringify(scenario.state!.steps)).not.toContain('address?');
  });

  test('whoever answered may not approve what follows from it', () => {
    const scenario = run([form('address'), ask('agree', {}, { needs: ['address'] })]);
    scenario.when(answer(scenario, 'address', basel)).thenEvents(
      { type: 'form.answered' },
      { type: 'step.completed' },
      {
        type: 'approval.requested',
        data: { step: 'agree', requester: 'ada', shapedBy: ['ada', 'dora'] },
      },
    );
  });

  test('asks in every turn of a loop by the path of the turn', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [form('place')])]);
    scenario.when(answer(scenario, 'lines[1]/place', basel));
    scenario.when(answer(scenario, 'lines[0]/place', { city: 'Bern' }));
    expect(describeRun(scenario.state!).output).toEqual({
      lines: [{ place: { city: 'Bern' } }, { place: basel }],
    });
  });

  test('shows the forms of twenty turns at a time', () => {
    const items = Array.from({ length: 30 }, (_, at) => at);
    const scenario = run([forEach('lines', items, [form('place')], { concurrency: 30 })]);
    const shown = () =>
      describeRun(scenario.state!).waitingFor!.filter(({ form: asked }) => asked !== undefined);
    const first = shown().map(({ step }) => step);
    expect(first).toHaveLength(20);
    scenario.when(answer(scenario, first[0]!, basel));
    expect(shown().map(({ step }) => step)).not.toContain(first[0]);
    expect(shown()).toHaveLength(20);
  });
});

describe('an answer is refused, with the reason,', () => {
  test.each([
    ['that does not fit the schema', { town: 1 }, {}, 'form.value', /city/],
    ['by somebody without a role', basel, { by: { sub: 'eve', roles: ['operator'] } }, 'form.role', /desk/],
    ['that is too large', { city: 'x'.repeat(300_000) }, {}, 'output.too_large', /bytes/],
    [
      'that was given before it was asked',
      basel,
      { issuedAt: T0 - 1_000 },
      'form.opened_later',
      /only after/,
    ],
  ])('%s', (_what, value, said, code, message) => {
    const scenario = run([form('address')]);
    thenRefused(scenario.when(answer(scenario, 'address', value, said)), code, message);
    expect(describeRun(scenario.state!).status).toBe('waiting');
  });

  test.each([
    ['unknown', 'step.unknown'],
    ['order', 'form.not_open'],
    ['later', 'form.not_open'],
  ])('for a step that asks nothing: %s', (step, code) => {
    const later = form('later', {}, { needs: ['order'] });
    const scenario = run([form('address'), read('order'), later]);
    thenRefused(scenario.when(answer(scenario, step, basel)), code, /step/);
  });

  test('a second time, and by somebody of another tenant', () => {
    const scenario = run([form('address'), read('order')]);
    const by = { sub: 'dora', roles: ['desk'], tenant: 'other' };
    thenRefused(scenario.when(answer(scenario, 'address', basel, { by })), 'run.other_tenant', /tenant/);
    scenario.when(answer(scenario, 'address', basel));
    thenRefused(scenario.when(answer(scenario, 'address', basel)), 'form.not_open', /no answer/);
  });

  test('of a run that is being cancelled', () => {
    const scenario = run([form('address'), read('order')]);
    scenario.when(cancel(scenario)).when(answer(scenario, 'address', basel));
    thenRefused(scenario, 'run.ending', /ending/);
  });
});

describe('a form that nobody answers', () => {
  test('fails its step when it expires', () => {
    const scenario = run([form('address')]);
    scenario
      .thenDue(T0 + 60_000)
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'form.expired' } } },
        { type: 'run.failed' },
      );
  });

  test('goes on as its onFailure says, and asks anew when an operator wants it', () => {
    const scenario = run([form('address', {}, { onFailure: { do: 'escalate' } })]);
    scenario.whenDue().thenTypes('step.parked');
    scenario
      .when(retry(scenario, 'address'))
      .thenEvents(
        { type: 'step.resumed' },
        { type: 'form.opened', data: { generation: 2, until: scenario.now + 60_000 } },
      );
    scenario
      .when(answer(scenario, 'address', basel))
      .thenTypes('form.answered', 'step.completed', 'run.completed');
  });
});

test.each([
  ['text', { question: '${input.amount}' }, 'form.question'],
  ['few words', { details: { long: 'x'.repeat(20_000) } }, 'form.too_large'],
])('a form that does not show %s fails', (_what, said, code) => {
  run([form('address', said)]).thenEvents(
    { type: 'run.started' },
    { type: 'step.failed', data: { failure: { class: 'invalid_input', code } } },
    { type: 'run.failed' },
  );
});

test('what it gives is read like any other output', () => {
  const table = { rules: [{ when: 'input.city == "Basel"', then: 'near' }], otherwise: 'far' };
  const near = decide('near', table, { needs: ['address'], with: { city: '${steps.address.output.city}' } });
  const scenario = run([form('address'), near]);
  scenario.when(answer(scenario, 'address', basel));
  expect(describeRun(scenario.state!).output).toEqual({ address: basel, near: 'near' });
});
