import { describe, expect, test } from 'vitest';
import {
  answer,
  before,
  failed,
  pause,
  perform,
  type RunScenario,
  resume,
  resumeFrom,
  retry,
  run,
  skip,
  succeeded,
  T0,
  unknown,
} from '../../test/run-scenario.js';
import { askable, decide, forEach, form, read, wait, workflow } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const MINUTE = 60_000;
const sla = (onBreach?: 'notify' | 'escalate' | 'fail' | 'fallback') => ({
  sla: { withinMs: MINUTE, ...(onBreach !== undefined && { onBreach }) },
});
const slow = (extra: object) => wait('slow', { forMs: 10 * MINUTE }, extra);
const breaches = (scenario: RunScenario) =>
  scenario.events.filter(({ type }) => type === 'sla.breached').map(({ data }) => data);
const shown = (scenario: RunScenario) => describeRun(scenario.state!);

describe('a step that is late', () => {
  test('is said to be so once, at its time, and goes on where nothing else is said', () => {
    const scenario = run([slow(sla())]);
    expect(shown(scenario).waitingFor).toMatchObject([{ sla: { due: T0 + MINUTE, breached: false } }]);
    scenario.thenDue(T0 + MINUTE).whenDue();
    scenario.thenEvents({
      type: 'sla.breached',
      data: { stage: 'slow', step: 'slow', due: T0 + MINUTE, by: 0, action: 'notify' },
    });
    expect(shown(scenario).waitingFor).toMatchObject([{ sla: { due: T0 + MINUTE, breached: true } }]);
    scenario.thenDue(T0 + 10 * MINUTE).whenDue();
    scenario.thenTypes('step.completed', 'run.completed');
  });

  test('says how late that was seen', () => {
    const scenario = run([slow(sla())]);
    scenario.after(3 * MINUTE).when({ kind: 'due' });
    scenario.thenEvents({ type: 'sla.breached', data: { due: T0 + MINUTE, by: 2 * MINUTE } });
  });

  test('that is done in time is never late', () => {
    const scenario = run([form('address', {}, sla())]);
    scenario.when(answer(scenario, 'address', { city: 'Basel' }));
    expect([scenario.state!.end?.status, breaches(scenario)]).toEqual(['completed', []]);
  });

  test('is left to an operator, and after that nothing follows from it any more', () => {
    const scenario = run([slow(sla('escalate'))]);
    scenario
      .whenDue()
      .thenEvents(
        { type: 'sla.breached', data: { action: 'escalate' } },
        { type: 'step.parked', data: { because: 'escalated', failure: { code: 'sla.breached' } } },
      );
    expect(shown(scenario)).toMatchObject({ status: 'waiting', waitingFor: [{ kind: 'operator' }] });
    scenario.when(retry(scenario, 'slow')).thenTypes('step.resumed', 'wait.started');
    const again = scenario.now + 10 * MINUTE;
    scenario.thenDue(again).whenDue().thenTypes('step.completed', 'run.completed');
    expect(breaches(scenario)).toHaveLength(1);
  });

  test('is left to an operator even if it says another way on', () => {
    const scenario = run([slow({ ...sla('escalate'), onFailure: { do: 'value', value: 1 } })]);
    scenario.whenDue().thenTypes('sla.breached', 'step.parked');
    scenario.when(skip(scenario, 'slow')).thenTypes('step.skipped', 'run.completed');
  });

  test('fails, and its onFailure decides', () => {
    run([slow(sla('fail'))])
      .whenDue()
      .thenEvents(
        { type: 'sla.breached' },
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'sla.breached' } } },
        { type: 'run.failed' },
      );
    const table = { rules: [], otherwise: 'quick' };
    const onFailure = { do: 'fallback', step: 'quick' } as const;
    const scenario = run([
      slow({ ...sla('fallback'), onFailure }),
      decide('quick', table, { fallbackOnly: true }),
    ]);
    scenario.whenDue();
    expect(shown(scenario)).toMatchObject({ status: 'completed', output: { slow: 'quick' } });
  });

  test('takes what the workflow says where it says nothing', () => {
    const compiled = workflow([slow(sla())], { sla: { onBreach: 'fail' } });
    run(compiled).whenDue().thenTypes('sla.breached', 'step.failed', 'run.failed');
  });

  test('that has a call under way takes it back first', () => {
    const scenario = run([
      read('order', { ...sla('escalate'), timeoutMs: 300_000, timeout: { attemptMs: 300_000 } }),
    ]);
    scenario.when(before(scenario, 'order'));
    scenario.after(MINUTE).when({ kind: 'due' });
    scenario.thenTypes('sla.breached', 'call.revoked');
    scenario.when(failed(scenario, 'order')).thenTypes('call.recorded', 'step.parked');
  });

  test('is done when the call that was to be taken back has succeeded', () => {
    const scenario = run([read('order', { ...sla('fail'), timeout: { attemptMs: 300_000 } })]);
    scenario.when(before(scenario, 'order'));
    scenario.after(MINUTE).when({ kind: 'due' }).when(succeeded(scenario, 'order'));
    expect(breaches(scenario)).toHaveLength(1);
    expect(scenario.events.map(({ type }) => type)).not.toContain('step.failed');
  });

  test('whose call is in doubt is late, and waits for what has become of it', () => {
    const scenario = run([askable('pay', sla('fail'))]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    expect(shown(scenario).waitingFor).toMatchObject([{ kind: 'operator' }]);
    scenario.now = T0 + MINUTE;
    scenario.when({ kind: 'due' }).thenTypes('sla.breached');
    scenario.thenDue(undefined);
  });

  test('that waits for its next attempt is late too', () => {
    const scenario = run([read('order', sla('fail'))]);
    scenario.when(before(scenario, 'order')).when(failed(scenario, 'order'));
    scenario.now = T0 + MINUTE;
    scenario.when({ kind: 'due' }).thenTypes('sla.breached', 'step.failed', 'run.failed');
  });

  test('is late also while the run is paused', () => {
    const scenario = run([slow(sla('escalate'))]);
    scenario
      .when(pause(scenario))
      .thenDue(T0 + MINUTE)
      .whenDue();
    scenario.thenTypes('sla.breached', 'step.parked');
  });

  test('is late in each turn of a loop by itself', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [slow(sla('fail'))], { failAfter: { items: 2 } })]);
    scenario.whenDue();
    expect(breaches(scenario)).toMatchObject([{ stage: 'lines[0]/slow' }, { stage: 'lines[1]/slow' }]);
    expect(shown(scenario)).toMatchObject({ status: 'completed' });
  });

  test('ends its turns when it is late as a whole', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [slow({})], sla('escalate'))]);
    scenario.whenDue();
    expect(breaches(scenario)).toMatchObject([{ stage: 'lines' }]);
    expect(shown(scenario).waitingFor).toMatchObject([{ kind: 'operator', step: 'lines' }]);
  });
});

test('a step that failed for being late, and is taken up again, has its time anew', () => {
  const scenario = run([slow(sla('fail')), read('order', { needs: ['slow'] })]);
  scenario.whenDue().thenTypes('sla.breached', 'step.failed', 'step.skipped', 'run.failed');
  scenario.after(MINUTE).when(resumeFrom(scenario, 'slow')).thenTypes('run.reopened', 'wait.started');
  scenario.thenDue(scenario.now + MINUTE);
});

describe('a run that is late', () => {
  const late = (onBreach: 'notify' | 'escalate' | 'fail') =>
    run(
      workflow([wait('first', { forMs: 2 * MINUTE }), read('order', { needs: ['first'] })], {
        sla: { completeMs: MINUTE, onBreach },
      }),
    );

  test('is said to be so, and goes on', () => {
    const scenario = late('notify');
    expect(shown(scenario).sla).toEqual({ due: T0 + MINUTE, breached: false });
    scenario.thenDue(T0 + MINUTE).whenDue();
    scenario.thenEvents({ type: 'sla.breached', data: { stage: 'complete', action: 'notify' } });
    expect(scenario.decision.events[0]?.data).not.toHaveProperty('step');
    expect(shown(scenario).sla).toEqual({ due: T0 + MINUTE, breached: true });
    perform(scenario.whenDue(), 'order');
    expect([shown(scenario).status, breaches(scenario).length]).toEqual(['completed', 1]);
  });

  test('is handed to people: nothing new starts until one of them resumes it', () => {
    const scenario = late('escalate');
    scenario.whenDue().thenTypes('sla.breached');
    expect(shown(scenario)).toMatchObject({
      status: 'paused',
      paused: { by: 'its service level' },
      waitingFor: [{ kind: 'operator', step: '' }, { kind: 'wait' }],
    });
    scenario.whenDue().thenTypes('step.completed');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
    perform(scenario, 'order');
    expect(shown(scenario)).toMatchObject({ status: 'completed' });
  });

  test('that has failed and is taken up again has a time of its own', () => {
    const scenario = late('fail');
    scenario.whenDue().when(resumeFrom(scenario, 'first')).thenTypes('run.reopened', 'wait.started');
    perform(scenario.whenDue(), 'order');
    expect([shown(scenario).status, breaches(scenario).length]).toEqual(['completed', 1]);
  });

  test('that somebody has paused stays theirs', () => {
    const scenario = late('escalate');
    scenario.when(pause(scenario)).whenDue();
    expect(shown(scenario)).toMatchObject({ paused: { by: 'ada' }, waitingFor: [{ kind: 'operator' }, {}] });
  });

  test('fails where the workflow says so', () => {
    late('fail')
      .whenDue()
      .thenEvents(
        { type: 'sla.breached', data: { stage: 'complete', action: 'fail' } },
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'sla.breached' } } },
        { type: 'step.skipped' },
        { type: 'run.failed', data: { failure: { code: 'sla.breached' } } },
      );
  });
});
