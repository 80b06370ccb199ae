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
} from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const form = workflow([read('order')]);

describe('a start', () => {
  test('that is repeated, or comes again with the same request, changes nothing', () => {
    const story = run(form);
    story.when(started(form)).thenNothing();
    story.when(started(form, { commandId: 'start-2' })).thenNothing();
  });

  test('with another request is refused', () => {
    const story = run(form);
    const other = started(form, { commandId: 'start-2', requestHash: 'another' });
    story
      .when(other)
      .thenEvents({ type: 'command.refused', data: { commandId: 'start-2', code: 'run.conflict' } });
    story.when(other).thenNothing();
  });

  test('that is refused leaves the runs of the same workflow their steps', () => {
    const form = workflow([read('order', { timeout: { attemptMs: 1_000, totalMs: 77_000 } })]);
    const large = { input: { text: 'x'.repeat(510_000) } };
    blank(form).when(started(form, large)).thenTypes('run.started', 'run.failed');
    run(form).thenTypes('run.started', 'call.requested');
  });

  test('waits for a workflow this process has not read, and for nothing else', () => {
    let known = false;
    const story = blank(form, { workflow: () => (known ? { compiled: form } : undefined) });
    story
      .when(started(form))
      .thenDeferred()
      .thenDue(T0 + 30_000);
    story
      .when(due)
      .thenTypes()
      .thenDue(T0 + 30_000);
    story.when(cancel(story)).thenDeferred();
    known = true;
    story.thenDue(T0).whenDue().thenTypes('run.started', 'run.cancelling', 'run.cancelled');
    expect(story.decision.release).toHaveLength(2);
    story.thenDue(undefined);
  });

  test('of a workflow that never comes fails on record', () => {
    const story = blank(form, { workflow: () => undefined })
      .when(started(form))
      .after(30_000);
    story
      .whenDue()
      .thenEvents(
        { type: 'run.started' },
        { type: 'run.failed', data: { failure: { code: 'workflow.unknown' } } },
      )
      .thenDue(undefined);
    expect(story.decision.release).toHaveLength(1);
  });
});

describe('a command', () => {
  test('for a run nobody started goes to quarantine', () => {
    const story = blank(form);
    story.when(cancel(story)).thenQuarantined('run.unknown');
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
    const story = run(form);
    const old = cancel(story);
    story
      .after(week + 1)
      .when(old)
      .thenQuarantined('command.expired');
  });

  test('for a run that has ended goes to quarantine, and changes nothing', () => {
    const story = run(form);
    perform(story, 'order');
    const order = cancel(story);
    story
      .when(order)
      .thenEvents({ type: 'command.refused', data: { code: 'run.ended', command: 'run.cancel' } });
    story.when(order).thenNothing();
    story.when(started(form, { commandId: 'start-2' })).thenNothing();
    story
      .when(started(form, { commandId: 'start-3', requestHash: 'another' }))
      .thenEvents({ type: 'command.refused', data: { code: 'run.ended' } });
  });

  test.each([retry, skip])('that answers for a step which is not parked is refused', (command) => {
    const story = run(form);
    story
      .when(command(story, 'order'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.not_parked' } });
    story
      .when(command(story, 'nothing'))
      .thenEvents({ type: 'command.refused', data: { code: 'step.unknown' } });
  });

  test('that is repeated is applied once', () => {
    const story = run(form);
    const twice = cancel(story);
    story.when(twice).thenTypes('run.cancelling', 'call.revoked');
    story.when(twice).thenNothing();
    story.when(cancel(story)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('that signals what no step waits for is refused', () => {
    const story = run(form);
    story
      .when(signal(story, 'hello'))
      .thenEvents({ type: 'command.refused', data: { code: 'signal.unknown' } });
  });

  test('to retry a step whose write has happened is refused: it can only be skipped', () => {
    const story = run([write('pay', { onFailure: { do: 'escalate' } })]);
    story.when(before(story, 'pay')).when(succeeded(story, 'pay'));
    const check = story.last('call.recorded');
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
    story
      .when(delivered('policy.events', { type: 'policy.decided', data: verdict }, { run: runId }))
      .thenTypes('verdict.recorded', 'step.parked');
    story.when(retry(story, 'pay')).thenEvents({ type: 'command.refused', data: { code: 'step.happened' } });
    story.when(skip(story, 'pay')).thenTypes('step.skipped', 'run.completed');
    expect(describeRun(story.state!).status).toBe('completed');
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
    const story = run(form);
    story.when(before(story, 'order')).when(poison('tool.events', 'tool.succeeded/1'));
    story.thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed', data: { failure: { class: 'internal' } } },
      { type: 'run.escalated' },
    );
  });

  test('leaves a write in doubt', () => {
    const story = run([write('pay'), read('order')]);
    const requestedCall = story.events.find(({ type }) => type === 'call.requested')!;
    story
      .when(poison('tool.events', 'tool.succeeded/1', requestedCall.id))
      .thenTypes('call.recorded', 'call.recovery_started');
  });

  test('that was a verdict on an outcome fails the step that waits for it', () => {
    const story = run(form);
    story
      .when(before(story, 'order'))
      .when(succeeded(story, 'order'))
      .when(poison('policy.events', 'policy.decided/1'));
    story.thenEvents(
      { type: 'step.failed', data: { failure: { class: 'internal' } } },
      { type: 'run.escalated' },
    );
  });

  test('that was the verdict before a call already made counts as a deny, and the run ends escalated', () => {
    const story = run(form);
    const requestedCall = story.last('call.requested');
    story.when(succeeded(story, 'order')).when(after(story, 'order'));
    story.when(poison('policy.events', 'policy.decided/1', requestedCall.id));
    story.thenEvents(
      { type: 'verdict.recorded', data: { verdict: 'deny' } },
      { type: 'step.failed' },
      { type: 'run.escalated' },
    );
  });

  test('that was the verdict before an open call lets the request expire', () => {
    const story = run(form);
    story.when(poison('policy.events', 'policy.decided/1', story.last('call.requested').id)).thenNothing();
  });
});
