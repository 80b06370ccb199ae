import { delivered, due } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  blank,
  cancel,
  deny,
  perform,
  retry,
  run,
  runId,
  signal,
  skip,
  started,
  succeeded,
  T0,
} from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const form = workflow([read('order')]);

describe('a start', () => {
  test('that is repeated, or comes again with the same request, changes nothing', () => {
    const scenario = run(form);
    scenario.when(started(form)).thenNothing();
    scenario.when(started(form, { commandId: 'start-2' })).thenNothing();
  });

  test('with another request is refused', () => {
    const scenario = run(form);
    const other = started(form, { commandId: 'start-2', requestHash: 'another' });
    scenario
      .when(other)
      .thenEvents({ type: 'command.refused', data: { commandId: 'start-2', code: 'run.conflict' } });
    scenario.when(other).thenNothing();
  });

  test('that is refused leaves the runs of the same workflow their steps', () => {
    const form = workflow([read('order', { timeout: { attemptMs: 1_000, totalMs: 77_000 } })]);
    const large = { input: { text: 'x'.repeat(510_000) } };
    blank(form).when(started(form, large)).thenTypes('run.started', 'run.failed');
    run(form).thenTypes('run.started', 'call.requested');
  });

  test('waits for a workflow this process has not read, and for nothing else', () => {
    let known = false;
    const scenario = blank(form, { workflow: () => (known ? { compiled: form } : undefined) });
    scenario
      .when(started(form))
      .thenDeferred()
      .thenDue(T0 + 30_000);
    scenario
      .when(due)
      .thenTypes()
      .thenDue(T0 + 30_000);
    scenario.when(cancel(scenario)).thenDeferred();
    known = true;
    scenario.thenDue(T0).whenDue().thenTypes('run.started', 'run.cancelling', 'run.cancelled');
    expect(scenario.decision.release).toHaveLength(2);
    scenario.thenDue(undefined);
  });

  test('of a workflow that never comes fails on record', () => {
    const scenario = blank(form, { workflow: () => undefined })
      .when(started(form))
      .after(30_000);
    scenario
      .whenDue()
      .thenEvents(
        { type: 'run.started' },
        { type: 'run.failed', data: { failure: { code: 'workflow.unknown' } } },
      )
      .thenDue(undefined);
    expect(scenario.decision.release).toHaveLength(1);
  });
});

describe('a command', () => {
  test('for a run nobody started goes to quarantine', () => {
    const scenario = blank(form);
    scenario.when(cancel(scenario)).thenQuarantined('run.unknown');
  });

  test('older than the window goes to quarantine, and a start so old fails on record', () => {
    const week = 7 * 86_400_000;
    blank(form)
      .after(week + 1)
      .when(started(form))
      .thenEvents(
        { type: 'run.started' },
        { type: 'run.failed', data: { failure: { code: 'command.expired' } } },
      );
    const scenario = run(form);
    const old = cancel(scenario);
    scenario
      .after(week + 1)
      .when(old)
      .thenQuarantined('command.expired');
  });

  test('for a run that has ended goes to quarantine, and changes nothing', () => {
    const scenario = run(form);
    perform(scenario, 'order');
    const order = cancel(scenario);
    scenario
      .when(order)
      .thenEvents({ type: 'command.refused', data: { code: 'run.ended', command: 'run.cancel' } });
    scenario.when(order).thenNothing();
    scenario.when(started(form, { commandId: 'start-2' })).thenNothing();
    scenario
      .when(started(form, { commandId: 'start-3', requestHash: 'another' }))
      .thenEvents({ type: 'command.refused', data: { code: 'run.ended' } });
  });

  test.each([retry, skip])('that answers for a step which is not parked is refused', (command) => {
    const scenario = run(form);
    scenario
      .when(command(scenario, 'order'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.not_parked' } });
    scenario
      .when(command(scenario, 'nothing'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.unknown' } });
  });

  test('that is repeated is applied once', () => {
    const scenario = run(form);
    const twice = cancel(scenario);
    scenario.when(twice).thenTypes('run.cancelling', 'call.revoked');
    scenario.when(twice).thenNothing();
    scenario.when(cancel(scenario)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('that signals what no step waits for is refused', () => {
    const scenario = run(form);
    scenario
      .when(signal(scenario, 'hello'))
      .thenEvents({ type: 'command.refused', data: { code: 'signal.unknown' } });
  });

  test('to retry a step whose write has happened is refused: it can only be skipped', () => {
    const scenario = run([write('pay', { onFailure: { do: 'escalate' } })]);
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay'));
    const check = scenario.last('call.recorded');
    const { requestId } = check.data as { requestId: string };
    const verdict = {
      checkId: check.id,
      requestId,
      point: 'after',
      mode: 'enforce',
      policies: [],
      reason: 'no',
      bundle: 'b',
      ...deny,
    };
    scenario
      .when(delivered('policy.events', { type: 'policy.decided', data: verdict }, { run: runId }))
      .thenTypes('verdict.recorded', 'step.parked');
    scenario
      .when(retry(scenario, 'pay'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.happened' } });
    scenario.when(skip(scenario, 'pay')).thenTypes('step.skipped', 'run.completed');
    expect(describeRun(scenario.state!).status).toBe('completed');
  });
});

describe('an answer that broke its contract', () => {
  const poison = (topic: string, type: string, cause?: string) =>
    ({
      kind: 'poison',
      topic,
      type,
      problem: 'output: required',
      meta: { id: 'x', epoch: 0, index: 0, time: 0, run: runId, ...(cause === undefined ? {} : { cause }) },
    }) as const;

  test('fails a read as our own defect and escalates the run', () => {
    const scenario = run(form);
    scenario.when(before(scenario, 'order')).when(poison('tool.events', 'tool.succeeded/1'));
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed', data: { failure: { class: 'internal' } } },
      { type: 'run.escalated' },
    );
  });

  test('leaves a write in doubt', () => {
    const scenario = run([write('pay'), read('order')]);
    const requestedCall = scenario.events.find(({ type }) => type === 'call.requested')!;
    scenario
      .when(poison('tool.events', 'tool.succeeded/1', requestedCall.id))
      .thenTypes('call.recorded', 'call.recovery_started');
  });

  test('that was a verdict on an outcome fails the step that waits for it', () => {
    const scenario = run(form);
    scenario
      .when(before(scenario, 'order'))
      .when(succeeded(scenario, 'order'))
      .when(poison('policy.events', 'policy.decided/1'));
    scenario.thenEvents(
      { type: 'step.failed', data: { failure: { class: 'internal' } } },
      { type: 'run.escalated' },
    );
  });

  test('that was the verdict before a call already made counts as a deny, and the run ends escalated', () => {
    const scenario = run(form);
    const requestedCall = scenario.last('call.requested');
    scenario.when(succeeded(scenario, 'order')).when(after(scenario, 'order'));
    scenario.when(poison('policy.events', 'policy.decided/1', requestedCall.id));
    scenario.thenEvents(
      { type: 'verdict.recorded', data: { verdict: 'deny' } },
      { type: 'step.failed' },
      { type: 'run.escalated' },
    );
  });

  test('that was the verdict before an open call lets the request expire', () => {
    const scenario = run(form);
    scenario
      .when(poison('policy.events', 'policy.decided/1', scenario.last('call.requested').id))
      .thenNothing();
  });
});
