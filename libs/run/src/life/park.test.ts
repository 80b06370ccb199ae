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
} from '../../test/run-story.js';
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

const waits = (story: ReturnType<typeof run>) => describeRun(story.state!);

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
    const story = run([read('order'), read('next', { needs: ['order'] })]);
    story.when(before(story, 'order')).whenBroken(succeeded(story, 'order'));
    story.thenEvents({
      type: 'run.parked',
      data: { code: 'decision.threw', input: { kind: 'message', type: 'tool.succeeded' } },
    });
    expect(story.decision.defer).toBe(true);
    const { deadline } = story.state!.origin;
    expect(waits(story)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'operator', step: '', until: deadline }, {}],
    });
    story.thenDue(deadline);
  });

  test('keeps that answer, and those behind it, until the run is resumed', () => {
    const story = run([read('order'), read('other')]);
    story.when(before(story, 'order')).when(before(story, 'other'));
    story.whenBroken(succeeded(story, 'order'));
    story.when(succeeded(story, 'other')).thenDeferred();
    story.when(resume(story));
    story.thenTypes('run.unparked', 'call.recorded', 'call.recorded', 'run.resumed');
    expect(waits(story).status).toBe('running');
    story.when(after(story, 'order')).when(after(story, 'other'));
    expect(story.state!.end?.status).toBe('completed');
  });

  test('lets a cancel through: what waited is taken first, and nothing new starts', () => {
    const story = run([write('refund'), read('next', { needs: ['refund'] })]);
    story.when(before(story, 'refund')).whenBroken(succeeded(story, 'refund'));
    story.when(cancel(story, true));
    story.thenTypes('run.unparked', 'call.recorded', 'run.checkpointed', 'run.cancelling');
    story.when(after(story, 'refund'));
    expect(story.events.some(({ type }) => type === 'rollback.started')).toBe(true);
  });

  test('does not keep the deadline from coming, and breaks there once only', () => {
    const story = run([read('order'), read('next', { needs: ['order'] })]);
    story.when(before(story, 'order')).whenBroken(succeeded(story, 'order'));
    story.now = story.due!;
    story.whenBroken(due).thenTypes('run.parked').thenDue(undefined);
    expect(waits(story).waitingFor?.[0]).toEqual(
      expect.objectContaining({ kind: 'operator', step: '', detail: expect.stringContaining('due') }),
    );
    story.when(resume(story));
    story.when(after(story, 'order'));
    expect(story.state!.end?.status).toBe('failed');
  });

  test('at the deadline lets the run fail', () => {
    const story = run([read('order'), read('next', { needs: ['order'] })]);
    story.when(before(story, 'order')).whenBroken(succeeded(story, 'order'));
    story.whenDue();
    expect(story.decision.events[0]).toMatchObject({ type: 'run.unparked', data: { because: 'deadline' } });
    story.when(after(story, 'order'));
    expect(story.state!.end).toMatchObject({ status: 'failed' });
  });

  test('on a command refuses it, once, and changes nothing else', () => {
    const story = run([read('order')]);
    const order = pause(story);
    story
      .whenBroken(order)
      .thenEvents({ type: 'command.refused', data: { code: 'decision.threw', command: 'run.pause' } });
    story.whenBroken(order).thenTypes();
    story.when(order).thenTypes();
    expect(waits(story).status).toBe('running');
  });

  test('after the end says nothing', () => {
    const story = run([read('order')]);
    story.when(cancel(story)).when(refused(story, 'order'));
    story.whenBroken(succeeded(story, 'order')).thenTypes();
  });
});

describe('an answer that breaks every decision', () => {
  test('of a read is given up when the run goes on: its step waits for an operator', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order'));
    const answer = untakable(succeeded(story, 'order'));
    expect(() => story.when(answer)).toThrow('planted');
    story.whenBroken(answer).when(resume(story));
    story.thenEvents(
      { type: 'run.unparked' },
      { type: 'call.recorded', data: { outcome: { kind: 'failed' } } },
      { type: 'step.parked', data: { because: 'escalated' } },
      { type: 'run.resumed' },
    );
    story.when(retry(story, 'order')).thenTypes('step.resumed', 'call.requested');
  });

  test('of a write leaves it in doubt, which a person settles', () => {
    const story = run([write('refund')]);
    story.when(before(story, 'refund')).whenBroken(untakable(succeeded(story, 'refund')));
    story.when(skip(story, 'refund'));
    story.thenEvents(
      { type: 'run.unparked', data: { because: 'skip' } },
      { type: 'call.recorded', data: { outcome: { kind: 'unknown' } } },
      { type: 'step.parked', data: { because: 'in_doubt' } },
      { type: 'step.skipped', data: { because: 'operator' } },
      { type: 'run.completed' },
    );
  });

  test('that cannot even be read waits for an operator at once', () => {
    const story = run([write('refund')]);
    const { requestId } = callRequestOf(story, 'refund');
    const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId, cause: requestId };
    story.when(before(story, 'refund'));
    story.whenBroken({
      kind: 'poison',
      topic: 'tool.events',
      type: 'tool.succeeded/1',
      meta,
      problem: 'odd',
    });
    story.thenTypes('call.recorded', 'step.parked', 'run.parked');
    story.when(retry(story, 'refund'));
    story.thenTypes('run.unparked', 'step.resumed', 'call.doubt_resolved', 'call.requested');
  });

  test('of policy: what it allowed counts as allowed, anything else as denied', () => {
    const story = run([read('order')]);
    const verdict = before(story, 'order');
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
    story.whenBroken(delivered(topic, { type, data }, meta)).when(resume(story));
    story.thenTypes('run.unparked', 'verdict.recorded', 'run.resumed');
    story.when(succeeded(story, 'order')).when(after(story, 'order'));
    expect(story.state!.end?.status).toBe('completed');
  });

  test('is no reason to break twice: a run that is parked takes no timer but its deadline', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(failed(story, 'order')).whenBroken(due);
    story.thenTypes('run.parked').thenDue(story.state!.origin.deadline);
  });
});
