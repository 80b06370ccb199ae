// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { questionHashOf } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import {
  denied,
  dual,
  expired,
  fay,
  fin,
  granted,
  opened,
  requestOf,
  voted,
} from '../../../test/approval-scenario.js';
import { cancel, pause, perform, resume, retry, run, SALT, T0 } from '../../../test/run-scenario.js';
import { ask, read, workflow } from '../../../test/workflows.js';
import { describeRun } from '../../index.js';

describe('an approval step', () => {
  const question = 'Refund ${input.amount}?';
  const details = { total: '${steps.order.output.total}' };

  test('asks what its templates make of the run, bound to exactly that question', () => {
    const form = [
      read('order'),
      ask('agree', { question, details, requirement: dual }, { needs: ['order'] }),
    ];
    const scenario = perform(run(form), 'order', { total: 50 });
    const shown = { question: 'Refund 5?', details: { total: 50 } };
    scenario.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'order' } },
      {
        type: 'approval.requested',
        data: {
          approvalId: `run-1.${scenario.events.length}`,
          subject: { kind: 'question', ...shown, generation: 1 },
          callHash: questionHashOf({ runId: 'run-1', path: 'agree', generation: 1, salt: SALT, ...shown }),
          requirement: dual,
          requester: 'ada',
          reason: 'step agree of test@1 asks',
        },
      },
    );
    expect(describeRun(scenario.state!).status).toBe('running');
    scenario.when(opened(scenario, 'agree'));
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [
        {
          kind: 'approval',
          step: 'agree',
          detail: `dual approval by finance: run-1.${scenario.events.length - 1}`,
        },
      ],
    });
  });

  test('completes with who granted it and what they said', () => {
    const scenario = run([ask('agree', { requirement: dual })]);
    scenario.when(opened(scenario, 'agree')).when(voted(scenario, 'agree', 'vote-1', fin));
    scenario.when(granted(scenario, 'agree', [fin, fay])).thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      {
        type: 'step.completed',
        data: {
          via: 'approval',
          output: { approved: true, by: ['fin', 'fay'], reasons: ['fin agrees', 'fay agrees'] },
        },
      },
      { type: 'run.completed' },
    );
  });

  test.each([
    [denied, 'denied', 'approval.denied'],
    [expired, 'denied', 'approval.expired'],
  ])('that is answered no fails: %o', (answer, kind, code) => {
    const scenario = run([ask('agree')]);
    scenario.when(answer(scenario, 'agree'));
    expect(scenario.decision.events[1]).toMatchObject({
      type: 'step.failed',
      data: { failure: { class: kind, code } },
    });
  });

  test('that expires falls back to the value it names', () => {
    const scenario = run([ask('agree', {}, { onFailure: { do: 'value', value: { approved: false } } })]);
    scenario
      .when(expired(scenario, 'agree', 'fallback'))
      .thenTypes('approval.expired', 'step.fell_back', 'step.completed', 'run.completed');
  });

  test('that is retried by a person asks anew', () => {
    const scenario = run([ask('agree', {}, { onFailure: { do: 'escalate' } })]);
    const first = requestOf(scenario, 'agree');
    scenario.when(denied(scenario, 'agree')).thenTypes('approval.denied', 'step.parked');
    scenario.when(retry(scenario, 'agree')).thenTypes('step.resumed', 'approval.requested');
    expect(requestOf(scenario, 'agree').callHash).not.toBe(first.callHash);
    scenario.when(granted(scenario, 'agree'));
    expect(describeRun(scenario.state!).status).toBe('completed');
  });

  test('takes its question back when the run is cancelled or its time is up', () => {
    const scenario = run([ask('agree')]);
    scenario
      .when(cancel(scenario))
      .thenEvents(
        { type: 'run.cancelling' },
        { type: 'approval.unneeded', data: { because: 'cancelled' } },
        { type: 'run.cancelled' },
      );
    const slow = run([ask('agree', {}, { timeout: { totalMs: 4_000 } })]).thenDue(T0 + 4_000);
    slow
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { code: 'step.timeout' } } },
        { type: 'approval.unneeded', data: { because: 'timeout' } },
        { type: 'run.failed' },
      );
  });

  test('is not asked while the run is paused', () => {
    const scenario = run([read('order'), ask('agree', {}, { needs: ['order'] })]);
    scenario.when(pause(scenario));
    perform(scenario, 'order').thenTypes('verdict.recorded', 'step.completed');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'approval.requested');
  });

  test.each([
    ['whose question fails', { question: '${steps.order.output.none}' }, 'expression'],
    ['whose question is no text', { question: '${input.amount}' }, 'approval.question'],
    ['that shows too much', { details: { text: 'x'.repeat(100_000) } }, 'approval.too_large'],
  ])('%s fails without asking anybody', (_name, approval, code) => {
    const scenario = run(workflow([read('order'), ask('agree', approval, { needs: ['order'] })]));
    // A start this large leaves the first step to the next decision.
    while (scenario.due === T0) scenario.whenDue();
    perform(scenario, 'order', {}).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      { type: 'step.failed', data: { failure: { class: 'invalid_input', code } } },
      { type: 'run.failed' },
    );
  });
});
