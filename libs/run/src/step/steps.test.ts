// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { describe, expect, test } from 'vitest';
import { perform, run, signal, T0 } from '../../test/run-scenario.js';
import { decide, read, wait, workflow } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a decide step', () => {
  const rules = [
    { id: 'small', when: 'input.amount < 10', then: { outcome: 'refund' } },
    { when: 'input.amount < 100', then: { outcome: 'ask' } },
  ];

  test('completes at once with what the first matching rule says, and names the rule', () => {
    run([decide('choose', { rules })]).thenEvents(
      { type: 'run.started' },
      { type: 'step.completed', data: { output: { outcome: 'refund' }, via: 'table', detail: 'small' } },
      { type: 'run.completed' },
    );
  });

  test('sees what its template makes of the run', () => {
    const choose = decide(
      'choose',
      { rules },
      { needs: ['order'], with: { amount: '${steps.order.output.total}' } },
    );
    perform(run([read('order'), choose]), 'order', { total: 50 }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'order' } },
      { type: 'step.completed', data: { step: 'choose', output: { outcome: 'ask' }, detail: 'rules[1]' } },
      { type: 'run.completed' },
    );
  });

  test('fails when no rule matches and nothing is said otherwise', () => {
    run([decide('choose', { rules: [{ when: 'false', then: 1 }] })]).thenEvents(
      { type: 'run.started' },
      { type: 'step.failed', data: { failure: { class: 'domain', code: 'no_rule_matched' } } },
      { type: 'run.failed' },
    );
  });

  test('takes what is said otherwise', () => {
    run([decide('choose', { rules: [{ when: 'false', then: 1 }], otherwise: 2 })]).thenEvents(
      { type: 'run.started' },
      { type: 'step.completed', data: { output: 2, detail: 'otherwise' } },
      { type: 'run.completed' },
    );
  });
});

describe('a wait step', () => {
  test('for a duration completes when it has passed', () => {
    run([wait('pause', { forMs: 5_000 })])
      .thenEvents({ type: 'run.started' }, { type: 'wait.started', data: { until: T0 + 5_000 } })
      .thenDue(T0 + 5_000)
      .whenDue()
      .thenTypes('step.completed', 'run.completed');
  });

  test('until an instant completes when it comes, and at once when it has passed', () => {
    const until = wait('pause', { until: '${input.at}' });
    run([wait('pause', { until: '1970-01-01T00:30:00Z' })]).thenDue(1_800_000);
    run([wait('pause', { until: '1970-01-01T00:00:00Z' })]).thenTypes(
      'run.started',
      'wait.started',
      'step.completed',
      'run.completed',
    );
    run([until]).thenTypes('run.started', 'step.failed', 'run.failed');
  });

  const answered = workflow([
    wait('answer', { signal: 'reply', deadlineMs: 5_000 }),
    read('next', { needs: ['answer'] }),
  ]);

  test('for a signal completes with the signal’s data and shows what it waits for', () => {
    const scenario = run(answered);
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'signal', step: 'answer', detail: 'reply', until: T0 + 5_000 }],
    });
    scenario
      .when(signal(scenario, 'reply', { yes: true }))
      .thenEvents(
        { type: 'signal.received' },
        { type: 'step.completed', data: { output: { yes: true }, detail: 'reply' } },
        { type: 'call.requested' },
      );
  });

  test('fails when the signal’s deadline passes', () => {
    run(answered)
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'wait.deadline' } } },
        { type: 'step.skipped' },
        { type: 'run.failed' },
      );
  });

  test('takes a signal that came before it started, once', () => {
    const later = [
      read('first'),
      wait('a', { signal: 'go', deadlineMs: 9_000 }, { needs: ['first'] }),
      wait('b', { signal: 'go', deadlineMs: 9_000 }, { needs: ['a'] }),
    ];
    const scenario = run(later);
    scenario.when(signal(scenario, 'go', 1)).thenTypes('signal.received');
    perform(scenario, 'first').thenTypes(
      'verdict.recorded',
      'step.completed',
      'wait.started',
      'step.completed',
      'wait.started',
    );
    scenario.when(signal(scenario, 'go', 2)).thenTypes('signal.received', 'step.completed', 'run.completed');
    expect(describeRun(scenario.state!).output).toMatchObject({ a: 1, b: 2 });
  });
});

test('a skipped step counts as met for the steps that need it', () => {
  run([read('a', { when: 'input.amount > 100' }), read('b', { needs: ['a'] })]).thenEvents(
    { type: 'run.started' },
    { type: 'step.skipped', data: { because: 'condition' } },
    { type: 'call.requested', data: { step: 'b' } },
  );
});

test('a run of many steps that start at once requests them over several decisions', () => {
  const steps = Array.from({ length: 300 }, (_, index) => read(`s${index}`));
  const scenario = run(workflow(steps, { budget: { steps: 1_000, toolCalls: 1_000 } }));
  let requestedCall = 0;
  for (let round = 0; round < 10 && requestedCall < 300; round += 1) {
    requestedCall += scenario.decision.events.filter(({ type }) => type === 'call.requested').length;
    expect(scenario.decision.events.length).toBeLessThan(120);
    if (requestedCall < 300) scenario.whenDue();
  }
  expect(requestedCall).toBe(300);
});

test('a signal goes to the step that waits for it, and not to one that a person has to decide about', () => {
  const scenario = run([
    wait('one', { signal: 'go', deadlineMs: 10 }, { onFailure: { do: 'escalate' } }),
    wait('two', { signal: 'go', deadlineMs: 10_000 }),
  ]);
  scenario.whenDue().when(signal(scenario, 'go'));
  expect(
    scenario.events.flatMap(({ type, data }) =>
      type === 'step.completed' ? [(data as { step: string }).step] : [],
    ),
  ).toEqual(['two']);
});
