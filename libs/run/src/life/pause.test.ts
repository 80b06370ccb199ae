import { describe, expect, test } from 'vitest';
import { granted, opened, single } from '../../test/approval-scenario.js';
import {
  after,
  before,
  blank,
  callRequestOf,
  cancel,
  failed,
  pause,
  perform,
  refused,
  resume,
  run,
  signal,
  started,
  succeeded,
  T0,
  unknown,
} from '../../test/run-scenario.js';
import { read, verifiable, wait, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a paused run', () => {
  test('records what is open and starts nothing until it is resumed', () => {
    const scenario = run([read('order'), read('next', { needs: ['order'] })]);
    scenario
      .when(pause(scenario))
      .thenEvents({ type: 'run.paused', data: { by: { sub: 'ada' }, reason: 'a reason' } });
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'paused',
      paused: { by: 'ada', reason: 'a reason' },
      waitingFor: [{ kind: 'call', step: 'order' }],
    });
    perform(scenario, 'order').thenTypes('verdict.recorded', 'step.completed');
    scenario.thenDue(T0 + 3_600_000);
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
    expect(describeRun(scenario.state!)).toMatchObject({ status: 'running' });
    perform(scenario, 'next').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('whose pause came before its start is held back from its first step', () => {
    const form = workflow([read('order')]);
    let known = false;
    const scenario = blank(form, { workflow: () => (known ? { compiled: form } : undefined) });
    scenario.when(started(form)).when(pause(scenario)).thenDeferred();
    known = true;
    scenario.whenDue().thenTypes('run.started', 'run.paused');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
  });

  test('holds retries back; they are due at once when it is resumed', () => {
    const scenario = run([read('order')]);
    scenario
      .when(pause(scenario))
      .when(failed(scenario, 'order'))
      .thenTypes('call.recorded', 'step.retry_scheduled');
    scenario.after(60_000).when({ kind: 'due' }).thenNothing();
    scenario.thenDue(T0 + 3_600_000);
    scenario.when(resume(scenario)).thenTypes('run.resumed').whenDue().thenTypes('call.requested');
    expect(scenario.now).toBe(T0 + 60_000);
  });

  test('ends when its time is up, also with nothing but steps that wait to start', () => {
    const scenario = run(
      workflow([read('order'), read('next', { needs: ['order'] })], { budget: { durationMs: 5_000 } }),
    );
    scenario.when(pause(scenario));
    perform(scenario, 'order');
    scenario
      .thenDue(T0 + 5_000)
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { step: 'next', failure: { code: 'budget.duration' } } },
        { type: 'run.budget_warned' },
        { type: 'run.failed' },
      );
  });

  test('asks people and hears them; what they grant is requested when it is resumed', () => {
    const scenario = run([write('pay')]);
    scenario.when(pause(scenario)).when(before(scenario, 'pay', { approval: single }));
    scenario.thenTypes('verdict.recorded', 'approval.requested');
    scenario
      .when(opened(scenario, 'pay'))
      .when(granted(scenario, 'pay'))
      .thenTypes('approval.granted', 'run.checkpointed');
    expect(describeRun(scenario.state!).status).toBe('paused');
    scenario.when(resume(scenario)).whenDue().thenTypes('call.requested');
    expect(callRequestOf(scenario, 'pay').approvalId).toBe('run-1.5');
  });

  test('clears up a call in doubt, and repeats what did not happen only when it is resumed', () => {
    const scenario = run([verifiable('pay')]);
    scenario.when(before(scenario, 'pay')).when(pause(scenario)).when(unknown(scenario, 'pay'));
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify' } });
    scenario.when(before(scenario, 'pay'));
    scenario
      .when(succeeded(scenario, 'pay', { found: false }))
      .thenTypes('call.recorded', 'call.doubt_resolved');
    scenario.when(resume(scenario)).whenDue();
    scenario.thenEvents({ type: 'call.requested', data: { purpose: 'step', recovery: false, attempt: 2 } });
  });

  test('repeats a call in doubt under its key', () => {
    const scenario = run([write('pay')]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).when(pause(scenario));
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { recovery: true } });
  });

  test('takes signals and lets waits end, and what follows them waits', () => {
    const scenario = run([
      wait('answer', { signal: 'go', deadlineMs: 9_000 }),
      read('next', { needs: ['answer'] }),
    ]);
    scenario
      .when(pause(scenario))
      .when(signal(scenario, 'go', 1))
      .thenTypes('signal.received', 'step.completed');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
  });

  test('completes when nothing is left to start', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order')).when(pause(scenario)).when(succeeded(scenario, 'order'));
    scenario.when(after(scenario, 'order')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('can be cancelled', () => {
    const scenario = run([read('order')]);
    scenario.when(pause(scenario)).when(cancel(scenario)).thenTypes('run.cancelling', 'call.revoked');
    expect(describeRun(scenario.state!)).toMatchObject({ status: 'running' });
    scenario.when(refused(scenario, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });
});

describe('pausing and resuming are refused', () => {
  test('when the run is paused already, or is not', () => {
    const scenario = run([read('order')]);
    scenario.when(resume(scenario)).thenEvents({ type: 'command.refused', data: { code: 'run.not_paused' } });
    scenario.when(pause(scenario));
    scenario.when(pause(scenario)).thenEvents({ type: 'command.refused', data: { code: 'run.paused' } });
  });

  test('when the run is ending', () => {
    const scenario = run([read('order')]);
    scenario.when(pause(scenario)).when(cancel(scenario));
    scenario.when(pause(scenario)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
    scenario.when(resume(scenario)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('twice with one command: the repeat changes nothing', () => {
    const scenario = run([read('order')]);
    const twice = pause(scenario);
    scenario.when(twice).thenTypes('run.paused');
    scenario.when(twice).thenNothing();
  });
});
