import type { Input } from '@interlock/actors';
import { delivered, due } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  blank,
  callRequestOf,
  cancel,
  failed,
  pause,
  refused,
  resume,
  retry,
  run,
  runId,
  skip,
  started,
  succeeded,
} from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** An answer that no decision can take: it throws whenever it is written. */
function untakable(input: Input): Input {
  if (input.kind !== 'message') throw new Error('a message');
  const output = {
    get note(): string {
      throw new Error('planted');
    },
  };
  const data = { ...(input.message.data as object), output };
  return { kind: 'message', message: { ...input.message, data } };
}

const waits = (scenario: ReturnType<typeof run>) => describeRun(scenario.state!);

describe('a decision that breaks', () => {
  test('on a start is a run that failed', () => {
    const form = workflow([read('order')]);
    blank(form)
      .whenBroken(started(form))
      .thenEvents(
        { type: 'run.started', data: { input: null } },
        { type: 'run.failed', data: { failure: { class: 'internal', code: 'decision.threw' } } },
      );
  });

  test('on a start that waits is one too, when its timer breaks', () => {
    const form = workflow([read('order')]);
    blank(form, { workflow: () => undefined })
      .when(started(form))
      .whenBroken(due)
      .thenTypes('run.started', 'run.failed');
  });

  test('on an answer parks the run, which then waits for an operator or its deadline, by name', () => {
    const scenario = run([read('order'), read('next', { needs: ['order'] })]);
    scenario.when(before(scenario, 'order')).whenBroken(succeeded(scenario, 'order'));
    scenario.thenEvents({
      type: 'run.parked',
      data: { code: 'decision.threw', input: { kind: 'message', type: 'tool.succeeded' } },
    });
    expect(scenario.decision.defer).toBe(true);
    const { deadline } = scenario.state!.origin;
    expect(waits(scenario)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'operator', step: '', until: deadline }, {}],
    });
    scenario.thenDue(deadline);
  });

  test('keeps that answer, and those behind it, until the run is resumed', () => {
    const scenario = run([read('order'), read('other')]);
    scenario.when(before(scenario, 'order')).when(before(scenario, 'other'));
    scenario.whenBroken(succeeded(scenario, 'order'));
    scenario.when(succeeded(scenario, 'other')).thenDeferred();
    scenario.when(resume(scenario));
    scenario.thenTypes('run.unparked', 'call.recorded', 'call.recorded', 'run.resumed');
    expect(waits(scenario).status).toBe('running');
    scenario.when(after(scenario, 'order')).when(after(scenario, 'other'));
    expect(scenario.state!.end?.status).toBe('completed');
  });

  test('lets a cancel through: what waited is taken first, and nothing new starts', () => {
    const scenario = run([write('refund'), read('next', { needs: ['refund'] })]);
    scenario.when(before(scenario, 'refund')).whenBroken(succeeded(scenario, 'refund'));
    scenario.when(cancel(scenario, true));
    scenario.thenTypes('run.unparked', 'call.recorded', 'run.checkpointed', 'run.cancelling');
    scenario.when(after(scenario, 'refund'));
    expect(scenario.events.some(({ type }) => type === 'rollback.started')).toBe(true);
  });

  test('does not keep the deadline from coming, and breaks there once only', () => {
    const scenario = run([read('order'), read('next', { needs: ['order'] })]);
    scenario.when(before(scenario, 'order')).whenBroken(succeeded(scenario, 'order'));
    scenario.now = scenario.due!;
    scenario.whenBroken(due).thenTypes('run.parked').thenDue(undefined);
    expect(waits(scenario).waitingFor?.[0]).toEqual(
      expect.objectContaining({ kind: 'operator', step: '', detail: expect.stringContaining('due') }),
    );
    scenario.when(resume(scenario));
    scenario.when(after(scenario, 'order'));
    expect(scenario.state!.end?.status).toBe('failed');
  });

  test('at the deadline lets the run fail', () => {
    const scenario = run([read('order'), read('next', { needs: ['order'] })]);
    scenario.when(before(scenario, 'order')).whenBroken(succeeded(scenario, 'order'));
    scenario.whenDue();
    expect(scenario.decision.events[0]).toMatchObject({
      type: 'run.unparked',
      data: { because: 'deadline' },
    });
    scenario.when(after(scenario, 'order'));
    expect(scenario.state!.end).toMatchObject({ status: 'failed' });
  });

  test('on a command refuses it, once, and changes nothing else', () => {
    const scenario = run([read('order')]);
    const order = pause(scenario);
    scenario
      .whenBroken(order)
      .thenEvents({ type: 'command.refused', data: { code: 'decision.threw', command: 'run.pause' } });
    scenario.whenBroken(order).thenTypes();
    scenario.when(order).thenTypes();
    expect(waits(scenario).status).toBe('running');
  });

  test('after the end says nothing', () => {
    const scenario = run([read('order')]);
    scenario.when(cancel(scenario)).when(refused(scenario, 'order'));
    scenario.whenBroken(succeeded(scenario, 'order')).thenTypes();
  });
});

describe('an answer that breaks every decision', () => {
  test('of a read is given up when the run goes on: its step waits for an operator', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order'));
    const answer = untakable(succeeded(scenario, 'order'));
    expect(() => scenario.when(answer)).toThrow('planted');
    scenario.whenBroken(answer).when(resume(scenario));
    scenario.thenEvents(
      { type: 'run.unparked' },
      { type: 'call.recorded', data: { outcome: { kind: 'failed' } } },
      { type: 'step.parked', data: { because: 'escalated' } },
      { type: 'run.resumed' },
    );
    scenario.when(retry(scenario, 'order')).thenTypes('step.resumed', 'call.requested');
  });

  test('of a write leaves it in doubt, which a person settles', () => {
    const scenario = run([write('refund')]);
    scenario.when(before(scenario, 'refund')).whenBroken(untakable(succeeded(scenario, 'refund')));
    scenario.when(skip(scenario, 'refund'));
    scenario.thenEvents(
      { type: 'run.unparked', data: { because: 'skip' } },
      { type: 'call.recorded', data: { outcome: { kind: 'unknown' } } },
      { type: 'step.parked', data: { because: 'in_doubt' } },
      { type: 'step.skipped', data: { because: 'operator' } },
      { type: 'run.completed' },
    );
  });

  test('that cannot even be read waits for an operator at once', () => {
    const scenario = run([write('refund')]);
    const { requestId } = callRequestOf(scenario, 'refund');
    const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause: requestId };
    scenario.when(before(scenario, 'refund'));
    scenario.whenBroken({
      kind: 'poison',
      topic: 'tool.events',
      type: 'tool.succeeded/1',
      meta,
      problem: 'odd',
    });
    scenario.thenTypes('call.recorded', 'step.parked', 'run.parked');
    scenario.when(retry(scenario, 'refund'));
    scenario.thenTypes('run.unparked', 'step.resumed', 'call.doubt_resolved', 'call.requested');
  });

  test('of policy: what it allowed counts as allowed, anything else as denied', () => {
    const scenario = run([read('order')]);
    const verdict = before(scenario, 'order');
    if (verdict.kind !== 'message') throw new Error('a message');
    const policies = {
      get 0(): string {
        throw new Error('planted');
      },
      length: 1,
      map: () => [],
    };
    const data = { ...(verdict.message.data as object), reason: policies };
    const { topic, type, meta } = verdict.message;
    scenario.whenBroken(delivered(topic, { type, data }, meta)).when(resume(scenario));
    scenario.thenTypes('run.unparked', 'verdict.recorded', 'run.resumed');
    scenario.when(succeeded(scenario, 'order')).when(after(scenario, 'order'));
    expect(scenario.state!.end?.status).toBe('completed');
  });

  test('is no reason to break twice: a run that is parked takes no timer but its deadline', () => {
    const scenario = run([read('order')]);
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order')).whenBroken(due);
    scenario.thenTypes('run.parked').thenDue(scenario.state!.origin.deadline);
  });
});
