// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions

import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { before, failed, perform, performWrite, retry, run, T0 } from '../../../test/run-scenario.js';
import { decide, read, repeat, write } from '../../../test/workflows.js';
import { describeRun } from '../../index.js';

const status = read('status');
const done = 'steps.status.output.done';

describe('a repeat step', () => {
  test('runs its body until its condition holds, and gives what the last pass gave', () => {
    const scenario = run([
      repeat('poll', { until: done, max: 5 }, [status], { output: '${steps.status.output.found}' }),
      decide('all', { rules: [], otherwise: '${steps.poll.output}' }, { needs: ['poll'] }),
    ]);
    perform(scenario, 'poll#1/status', { done: false, found: 1 });
    perform(scenario, 'poll#2/status', { done: true, found: 2 });
    scenario.thenSee((state) => expect(state.end?.output).toMatchObject({ poll: 2, all: 2 }));
  });

  test('begins a pass not earlier than its document says', () => {
    const scenario = run([repeat('poll', { until: done, max: 5, everyMs: 30_000 }, [status])]);
    perform(scenario, 'poll#1/status', { done: false }).thenDue(T0 + 30_000);
    scenario.thenSee((state) =>
      expect(describeRun(state).waitingFor).toMatchObject([{ kind: 'wait', until: T0 + 30_000 }]),
    );
    scenario.whenDue().thenTypes('scope.opened', 'call.requested');
  });

  test('fails when its condition has not come true in as many passes as it may have', () => {
    const scenario = run([repeat('poll', { until: done, max: 2 }, [status])]);
    perform(scenario, 'poll#1/status', { done: false });
    perform(scenario, 'poll#2/status', { done: false });
    scenario.thenSee((state) =>
      expect(state.end?.failure).toMatchObject({ class: 'domain', code: 'repeat.exhausted' }),
    );
  });

  test('that was parked then is retried where nothing it wrote stands', () => {
    const poll = (body: CompiledStep) =>
      run([repeat('poll', { until: done, max: 1 }, [body, status], { onFailure: { do: 'escalate' } })]);
    const reading = poll(read('page'));
    for (const step of ['page', 'status']) perform(reading, `poll#1/${step}`, { done: false });
    reading
      .when(retry(reading, 'poll'))
      .thenTypes('step.resumed', 'scope.started', 'scope.opened', 'call.requested', 'call.requested');
    const writing = poll(write('pay'));
    performWrite(writing, 'poll#1/pay');
    perform(writing, 'poll#1/status', { done: false });
    writing
      .when(retry(writing, 'poll'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.happened' } });
  });

  test('fails with what fails in a pass', () => {
    const scenario = run([repeat('poll', { until: done, max: 2 }, [status])]);
    scenario.when(before(scenario, 'poll#1/status'));
    scenario
      .when(failed(scenario, 'poll#1/status', { class: 'domain', code: 'gone' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { step: 'poll#1/status' } },
        { type: 'scope.closed', data: { step: 'poll', pass: 1, outcome: { kind: 'failed' } } },
        { type: 'step.failed', data: { step: 'poll', failure: { code: 'gone' } } },
        { type: 'run.failed', data: { step: 'poll' } },
      );
  });

  test('fails when its condition has no value', () => {
    const scenario = run([repeat('poll', { until: 'steps.status.output.gone', max: 2 }, [status])]);
    perform(scenario, 'poll#1/status', { done: false });
    scenario.thenSee((state) => expect(state.end?.failure).toMatchObject({ code: 'expression' }));
  });

  test('shows a pass what the one before it gave', () => {
    const page = read('page', {
      with: { cursor: '${steps.pages.output == null ? "" : steps.pages.output.next}' },
    });
    const scenario = run([
      repeat('pages', { until: 'steps.page.output.next == ""', max: 9 }, [page], {
        output: '${steps.page.output}',
      }),
    ]);
    perform(scenario, 'pages#1/page', { next: 'abc' });
    const requests = scenario.events.filter(({ type }) => type === 'call.requested');
    expect(requests.map(({ data }) => (data as { arguments: unknown }).arguments)).toEqual([
      { cursor: '' },
      { cursor: 'abc' },
    ]);
  });
});
