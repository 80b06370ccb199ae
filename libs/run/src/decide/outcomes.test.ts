// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  after,
  armOf,
  before,
  cancel,
  failed,
  perform,
  refused,
  retry,
  run,
  skip,
  succeeded,
  T0,
} from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a failed attempt', () => {
  test('that is transient is made again under the same hash, five times in all, with growing pauses', () => {
    const story = run([read('order')]);
    const { callHash } = armOf(story, 'order');
    for (let attempt = 1; attempt < 5; attempt += 1) {
      story.when(before(story, 'order')).when(failed(story, 'order'));
      const { due } = story.last('step.retry_scheduled').data as { due: number };
      expect(due - story.now).toBeLessThanOrEqual(200 * 2 ** (attempt - 1));
      story
        .whenDue()
        .thenEvents({ type: 'call.armed', data: { callHash, attempt: attempt + 1, recovery: false } });
    }
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'http.503' } } },
        { type: 'run.failed' },
      );
  });

  test('waits as long as the same event always makes it wait', () => {
    const dueOf = () => {
      const story = run([read('order')]);
      return story.when(before(story, 'order')).when(failed(story, 'order')).due;
    };
    expect(dueOf()).toBe(dueOf());
  });

  test('that met a rate limit waits as told and uses up no attempt', () => {
    const story = run([read('order')]);
    for (let round = 0; round < 8; round += 1) {
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 700 }));
      story.thenEvents(
        { type: 'call.recorded' },
        { type: 'step.retry_scheduled', data: { counts: false, due: story.now + 700 } },
      );
      story.whenDue();
    }
  });

  test('that timed out is made again for a read', () => {
    const story = run([read('order')]);
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order', { class: 'timeout' }))
      .thenTypes('call.recorded', 'step.retry_scheduled');
  });

  test.each(['invalid_input', 'invalid_output', 'domain'] as const)(
    'of class %s is not made again',
    (kind) => {
      const story = run([read('order')]);
      story
        .when(before(story, 'order'))
        .when(failed(story, 'order', { class: kind }))
        .thenEvents(
          { type: 'call.recorded' },
          { type: 'step.failed', data: { failure: { class: kind } } },
          { type: 'run.failed' },
        );
    },
  );

  test('that the system would not authorize parks its step for an operator', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(failed(story, 'order', { class: 'unauthorized' }));
    story.thenTypes('call.recorded', 'step.parked');
    story
      .when(retry(story, 'order'))
      .thenEvents({ type: 'step.resumed', data: { generation: 2 } }, { type: 'call.armed' });
  });
});

describe('a step fails', () => {
  test('with its fallback value instead', () => {
    const story = run([read('order', { onFailure: { do: 'value', value: { total: 0 } } })]);
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order', { class: 'domain' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.fell_back' },
        { type: 'step.completed', data: { output: { total: 0 }, via: 'value' } },
        { type: 'run.completed', data: { output: { order: { total: 0 } } } },
      );
  });

  const mailing = () =>
    run([
      read('mail', { onFailure: { do: 'fallback', step: 'letter' } }),
      read('letter', { fallbackOnly: true, with: { why: '${steps.mail.failure.code}' } }),
      read('note', { needs: ['mail'], with: { sent: '${steps.mail.output.by}' } }),
    ]);

  test('and its fallback step stands in for it', () => {
    const story = mailing().thenTypes('run.started', 'call.armed');
    story
      .when(before(story, 'mail'))
      .when(failed(story, 'mail', { class: 'domain', code: 'bounced' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.fell_back', data: { to: 'letter' } },
        { type: 'call.armed', data: { step: 'letter', arguments: { why: 'bounced' } } },
      );
    perform(story, 'letter', { by: 'post' }).thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'letter' } },
      { type: 'step.completed', data: { step: 'mail', output: { by: 'post' }, via: 'value' } },
      { type: 'call.armed', data: { step: 'note', arguments: { sent: 'post' } } },
    );
    perform(story, 'note').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('and its own next attempt is forgotten once the fallback stands in for it', () => {
    const form = workflow(
      [
        read('mail', { onFailure: { do: 'fallback', step: 'letter' } }),
        read('letter', { fallbackOnly: true, onFailure: { do: 'escalate' } }),
      ],
      { budget: { toolCalls: 1 } },
    );
    const story = run(form);
    story.when(before(story, 'mail')).when(failed(story, 'mail'));
    story.whenDue().thenTypes('step.fell_back', 'step.parked');
    story.thenDue(T0 + 3_600_000);
  });

  test('and the run with it when its fallback fails too', () => {
    const story = mailing();
    story.when(before(story, 'mail')).when(failed(story, 'mail', { class: 'domain' }));
    story
      .when(before(story, 'letter'))
      .when(failed(story, 'letter', { class: 'domain' }))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('or completes, and then its fallback is not needed', () => {
    const story = mailing();
    perform(story, 'mail', { by: 'mail' });
    story.thenSee((_, { events }) =>
      expect(events.findLast(({ type }) => type === 'step.skipped')?.data).toMatchObject({
        step: 'letter',
        because: 'not_needed',
      }),
    );
    perform(story, 'note').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('and parks for an operator, who may skip it', () => {
    const story = run([read('order', { onFailure: { do: 'escalate' } }), read('next', { needs: ['order'] })]);
    story
      .when(before(story, 'order'))
      .when(failed(story, 'order', { class: 'domain' }))
      .thenTypes('call.recorded', 'step.parked');
    story.thenSee((state) => {
      expect(describeRun(state)).toMatchObject({
        status: 'waiting',
        waitingFor: [{ kind: 'operator', step: 'order' }],
      });
    });
    story
      .when(skip(story, 'order'))
      .thenEvents(
        { type: 'step.skipped', data: { because: 'operator' } },
        { type: 'call.armed', data: { step: 'next' } },
      );
  });

  test('as invalid input when its arguments cannot be worked out', () => {
    run([read('order', { with: { x: '${input.nothing.here}' } })]).thenEvents(
      { type: 'run.started' },
      { type: 'step.failed', data: { failure: { class: 'invalid_input', code: 'expression' } } },
      { type: 'run.failed' },
    );
  });
});

describe('a refusal', () => {
  test('past notAfter lets the call be armed again, without using up an attempt, a bounded number of times', () => {
    const story = run([read('order')]);
    for (let round = 0; round < 11; round += 1) {
      story.when(refused(story, 'order', 'expired')).thenTypes('call.recorded', 'step.retry_scheduled');
      story.whenDue().thenTypes('call.armed');
    }
    story.when(refused(story, 'order', 'expired')).thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('for what must never happen escalates the run', () => {
    const story = run([read('order')]);
    story
      .when(refused(story, 'order', 'wrong_hash', true))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'internal' } } },
        { type: 'run.escalated' },
      );
  });
});

describe('time', () => {
  test('a step past its total timeout takes its call back and fails once the executor has answered', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story.when(before(story, 'order')).thenDue(T0 + 5_000);
    story.whenDue().thenEvents({ type: 'call.disarmed', data: { because: 'timeout' } });
    story
      .when(refused(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'step.timeout' } } },
        { type: 'run.failed' },
      );
  });

  test('a success that comes after the timeout took the call back still counts', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story
      .when(before(story, 'order'))
      .whenDue()
      .when(succeeded(story, 'order'))
      .thenTypes('call.recorded', 'check.requested');
    story.when(after(story, 'order')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('no attempt is scheduled beyond the total timeout', () => {
    const story = run([read('order', { timeout: { attemptMs: 1_000, totalMs: 5_000 } })]);
    story.when(before(story, 'order')).after(4_900);
    story
      .when(failed(story, 'order', { class: 'rate_limited', retryAfterMs: 1_000 }))
      .thenTypes('call.recorded', 'step.failed', 'run.failed');
  });

  test('the run’s deadline takes open calls back and fails the run once they are answered', () => {
    const story = run(workflow([read('order')], { budget: { durationMs: 2_000 } }));
    expect(armOf(story, 'order').notAfter).toBe(T0 + 2_000);
    story
      .whenDue()
      .thenTypes('call.disarmed', 'run.budget_warned')
      .thenDue(T0 + 2_000 + 1_000 + 100);
    story
      .when(refused(story, 'order'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed', data: { failure: { code: 'budget.duration' } } },
        { type: 'run.failed' },
      );
  });

  test('a call without an answer by notAfter, timeout and skew is shown as overdue and stays open', () => {
    const story = run([write('refund')]);
    story.when(before(story, 'refund')).thenDue(T0 + 60_000 + 1_000 + 100);
    story.whenDue().thenEvents({ type: 'call.overdue' });
    story.thenSee((state) => {
      expect(describeRun(state).waitingFor?.[0]?.detail).toContain('overdue');
      expect(state.openArms).toHaveLength(1);
    });
    story.when(succeeded(story, 'refund')).thenTypes('call.recorded', 'check.requested', 'run.checkpointed');
  });
});

describe('a cancel', () => {
  test('takes open calls back and ends the run once they are answered', () => {
    const story = run([read('order')]);
    story
      .when(cancel(story))
      .thenEvents({ type: 'run.cancelling' }, { type: 'call.disarmed', data: { because: 'cancelled' } });
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
  });

  test('of a run whose write came through all the same ends escalated, after the check of that write', () => {
    const story = run([write('refund'), read('next', { needs: ['refund'] })]);
    story.when(before(story, 'refund')).when(cancel(story)).when(succeeded(story, 'refund'));
    story.thenTypes('call.recorded', 'check.requested', 'run.checkpointed');
    story
      .when(after(story, 'refund'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed' },
        { type: 'run.escalated', data: { failure: { class: 'cancelled' }, standing: [{ step: 'refund' }] } },
      );
  });

  test('with rollback is refused in this release', () => {
    const story = run([read('order')]);
    story
      .when(cancel(story, true))
      .thenEvents({ type: 'command.refused', data: { code: 'rollback.unavailable' } });
  });

  test('drops what waits to be tried again', () => {
    const story = run([read('order')]);
    story.when(before(story, 'order')).when(failed(story, 'order'));
    story.when(cancel(story)).thenTypes('run.cancelling', 'run.cancelled');
  });
});

test('a failure in one branch takes back the calls of the others before the run ends', () => {
  const story = run([read('a'), read('b')]);
  story
    .when(before(story, 'b'))
    .when(before(story, 'a'))
    .when(failed(story, 'a', { class: 'domain' }))
    .thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed' },
      { type: 'call.disarmed', data: { step: 'b' } },
    );
  story.when(refused(story, 'b')).thenTypes('call.recorded', 'run.failed');
});
