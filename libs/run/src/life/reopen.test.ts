// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { describe, expect, test } from 'vitest';
import { agent, assisted, round } from '../../test/agent-scenario.js';
import { granted, opened, voted, withdrawn } from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  close,
  deny,
  failed,
  late,
  pause,
  perform,
  performWrite,
  type RunScenario,
  resumeFrom,
  retry,
  run,
  skip,
  succeeded,
  unknown,
  wrote,
} from '../../test/run-scenario.js';
import {
  ask,
  askable,
  decide,
  read,
  switchOn,
  undoable,
  wait,
  workflow,
  write,
} from '../../test/workflows.js';
import { decodeState, describeRun, encodeState, foldRun, stateHash } from '../index.js';

const statusOf = ({ state }: RunScenario) => describeRun(state!).status;
const no = { class: 'domain', code: 'no' } as const;
const fails = (scenario: RunScenario, step: string): RunScenario =>
  scenario.when(before(scenario, step)).when(failed(scenario, step, no));
const refusal = (scenario: RunScenario): unknown =>
  (scenario.decision.events[0]?.data as { code?: unknown } | undefined)?.code;

/** Looks, decides, and then fails at its last step. */
const failedAtSend = (): RunScenario => {
  const scenario = run([read('look'), read('send', { needs: ['look'] }), read('end', { needs: ['send'] })]);
  return fails(perform(scenario, 'look'), 'send');
};

test('a model is behind a call that people approved before the run began anew, and were not asked about again', () => {
  const steps = [
    agent('plan'),
    ask('gate', {}, { needs: ['plan'], when: 'steps.plan.output.by == "model"' }),
    write('pay', { needs: ['gate'] }),
  ];
  const scenario = run(steps, assisted);
  round(scenario, { output: { by: 'model' } });
  scenario.when(opened(scenario, 'gate'), granted(scenario, 'gate'));
  expect(scenario.last('call.requested').data).not.toHaveProperty('influencedBy');
  fails(scenario, 'pay').when(resumeFrom(scenario, 'plan'));
  expect(scenario.last('run.reopened').data).toMatchObject({ anew: ['plan', 'gate', 'pay'] });
  round(scenario, { output: { by: 'nobody' } });
  expect(scenario.last('step.skipped').data).toMatchObject({ step: 'gate' });
  expect(scenario.last('call.requested').data).toMatchObject({
    step: 'pay',
    influencedBy: [{ step: 'plan' }],
  });
});

test('so it is behind one in a body that people approved before the step around it was retried', () => {
  const steps = [
    agent('plan'),
    ask('gate', {}, { needs: ['plan'], when: 'steps.plan.output.by == "model"' }),
    write('pay', { needs: ['gate'] }),
  ];
  const scenario = run(
    [switchOn('route', [[undefined, steps]], { onFailure: { do: 'escalate' } })],
    assisted,
  );
  round(scenario, { output: { by: 'model' } });
  scenario.when(opened(scenario, 'route/gate'), granted(scenario, 'route/gate'));
  fails(scenario, 'route/pay').when(retry(scenario, 'route'));
  round(scenario, { output: { by: 'nobody' } });
  expect(scenario.last('step.skipped').data).toMatchObject({ step: 'route/gate' });
  expect(scenario.last('call.requested').data).toMatchObject({
    step: 'route/pay',
    influencedBy: [{ step: 'route/plan' }],
  });
});

describe('a run that has failed', () => {
  test('is taken up again from its step: another generation of it and of what comes after, in the same log', () => {
    const scenario = failedAtSend();
    const { callHash, generation } = callRequestOf(scenario, 'send');
    expect([statusOf(scenario), generation]).toEqual(['failed', 1]);
    scenario.when(resumeFrom(scenario, 'send'));
    scenario.thenEvents(
      { type: 'run.reopened', data: { from: 'send', ended: 'failed', by: { sub: 'ada' } } },
      { type: 'call.requested', data: { step: 'send', generation: 2, attempt: 1 } },
    );
    expect(callRequestOf(scenario, 'send').callHash).not.toBe(callHash);
    expect(describeRun(scenario.state!)).toMatchObject({ status: 'running', lastSeq: scenario.state?.seq });
    expect(describeRun(scenario.state!)).not.toHaveProperty('failure');
    perform(perform(scenario, 'send'), 'end');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'completed',
      output: { look: { of: 'look' }, send: { of: 'send' }, end: { of: 'end' } },
      usage: { toolCalls: 4 },
    });
  });

  test('records nothing of a question that it had asked before its end: what people said meanwhile is not there', () => {
    const scenario = run([ask('agree'), read('look')]);
    const [crossing, late] = [voted(scenario, 'agree', 'v1'), withdrawn(scenario, 'agree')];
    fails(scenario, 'look');
    scenario.when(resumeFrom(scenario, 'look'));
    const asked = scenario.events.filter(({ type }) => type === 'approval.requested');
    expect(asked).toHaveLength(2);
    scenario.when(crossing).thenTypes();
    scenario.when(late).thenTypes();
  });

  test('can fail and be taken up as often as needed', () => {
    const scenario = failedAtSend();
    for (let generation = 2; generation < 6; generation += 1) {
      scenario.when(resumeFrom(scenario, 'send'));
      expect(callRequestOf(scenario, 'send').generation).toBe(generation);
      fails(scenario, 'send');
      expect(statusOf(scenario)).toBe('failed');
    }
  });

  test('is taken up from an earlier step, which begins anew with all that follows', () => {
    const scenario = failedAtSend();
    scenario.when(resumeFrom(scenario, 'look'));
    scenario.thenEvents(
      { type: 'run.reopened' },
      { type: 'call.requested', data: { step: 'look', generation: 2 } },
    );
    perform(perform(perform(scenario, 'look'), 'send'), 'end');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('has its time anew', () => {
    const scenario = failedAtSend();
    scenario.now += 3_000_000;
    scenario.when(resumeFrom(scenario, 'send'));
    expect(scenario.state?.origin.deadline).toBe(scenario.now + 3_600_000);
  });

  test('begins every branch anew that had not closed, and leaves what has completed', () => {
    const scenario = run([read('a'), read('b'), read('c'), read('end', { needs: ['a', 'b', 'c'] })]);
    perform(scenario, 'c');
    scenario
      .when(before(scenario, 'a'))
      .when(before(scenario, 'b'))
      .when(failed(scenario, 'a', no));
    scenario.when(failed(scenario, 'b', no));
    expect(statusOf(scenario)).toBe('failed');
    scenario.when(resumeFrom(scenario, 'a'));
    expect(scenario.decision.events.map(({ data }) => (data as { step?: string }).step)).toEqual([
      undefined,
      'a',
      'b',
    ]);
    perform(perform(perform(scenario, 'a'), 'b'), 'end');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('starts what had not begun when it was cancelled', () => {
    const scenario = run([write('pay'), read('look'), read('first'), read('next', { needs: ['first'] })]);
    performWrite(perform(scenario, 'look'), 'pay');
    scenario.when(before(scenario, 'first')).when(pause(scenario)).when(succeeded(scenario, 'first'));
    scenario.when(after(scenario, 'first')).when(cancel(scenario));
    expect(statusOf(scenario)).toBe('escalated');
    scenario
      .when(resumeFrom(scenario, 'look'))
      .thenEvents(
        { type: 'run.reopened' },
        { type: 'call.requested', data: { step: 'look', generation: 2 } },
        { type: 'call.requested', data: { step: 'next', generation: 1 } },
      );
    perform(perform(scenario, 'look'), 'next');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('calls a fallback again where its step fails once more', () => {
    const onFailure = { do: 'fallback', step: 'other' } as const;
    const scenario = run([read('order', { onFailure }), read('other', { fallbackOnly: true })]);
    fails(fails(scenario, 'order'), 'other');
    expect(statusOf(scenario)).toBe('failed');
    scenario.when(resumeFrom(scenario, 'other'));
    expect(refusal(scenario)).toBe('resume.fallback');
    scenario.when(resumeFrom(scenario, 'order'));
    fails(scenario, 'order');
    perform(scenario, 'other');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'completed',
      output: { order: { of: 'other' } },
    });
  });

  test('skips what was not needed again, and waits anew', () => {
    const scenario = run([
      wait('rest', { forMs: 1_000 }),
      read('maybe', { needs: ['rest'], when: 'false' }),
      read('send', { needs: ['maybe'] }),
    ]);
    fails(scenario.whenDue(), 'send');
    scenario.when(resumeFrom(scenario, 'rest')).thenTypes('run.reopened', 'wait.started');
    perform(scenario.whenDue(), 'send');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('decides anew by its table', () => {
    const table = { rules: [{ when: 'input.of == "late"', then: { ok: true } }] } as never;
    const scenario = run([
      read('look'),
      decide('rule', table, { needs: ['look'], with: { of: '${steps.look.output.of}' } } as never),
    ]);
    perform(scenario, 'look');
    expect(statusOf(scenario)).toBe('failed');
    scenario.when(resumeFrom(scenario, 'look'));
    perform(scenario, 'look', { of: 'late' });
    expect(statusOf(scenario)).toBe('completed');
  });
});

describe('a run of which something could not be undone', () => {
  /** Books, pays, and fails; what was paid is undone, and what was booked stands. */
  const escalated = (): RunScenario => {
    const scenario = run([
      undoable('book'),
      undoable('pay', { needs: ['book'] }),
      read('send', { needs: ['pay'] }),
    ]);
    performWrite(performWrite(scenario, 'book'), 'pay');
    fails(scenario, 'send');
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay')).when(after(scenario, 'pay'));
    scenario.when(before(scenario, 'book', deny)).when(skip(scenario, 'book'));
    return scenario;
  };

  test('is taken up from what was undone, and makes that as another call', () => {
    const scenario = escalated();
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'escalated',
      failure: { code: 'compensation_failed' },
    });
    scenario.when(resumeFrom(scenario, 'pay'));
    expect(callRequestOf(scenario, 'pay').generation).toBeGreaterThan(1);
    performWrite(scenario, 'pay');
    perform(scenario, 'send');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('does not undo again what a call has undone that answered something it may not', () => {
    const scenario = run([undoable('pay'), read('send', { needs: ['pay'] })]);
    performWrite(scenario, 'pay');
    fails(scenario, 'send');
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'invalid_output' }));
    expect(statusOf(scenario)).toBe('escalated');
    scenario.when(resumeFrom(scenario, 'send'));
    fails(scenario, 'send');
    const undoing = scenario.events.filter(
      ({ type, data }) => type === 'call.requested' && (data as { purpose: string }).purpose === 'compensate',
    );
    expect(undoing).toHaveLength(1);
    expect(statusOf(scenario)).toBe('escalated');
  });

  test('does not undo again what a person let go without knowing whether it was undone', () => {
    const scenario = run([undoable('pay', {}, askable), read('send', { needs: ['pay'] })]);
    performWrite(scenario, 'pay');
    fails(scenario, 'send');
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario.when(skip(scenario, 'pay'));
    expect(statusOf(scenario)).toBe('escalated');
    scenario.when(resumeFrom(scenario, 'send'));
    fails(scenario, 'send');
    const undoing = scenario.events.filter(
      ({ type, data }) => type === 'call.requested' && (data as { purpose: string }).purpose === 'compensate',
    );
    expect(undoing).toHaveLength(1);
    expect(statusOf(scenario)).toBe('escalated');
  });

  test('undoes all of it should it fail once more, also what could not be undone before', () => {
    const scenario = escalated();
    scenario.when(resumeFrom(scenario, 'pay'));
    performWrite(scenario, 'pay');
    fails(scenario, 'send');
    const undone = (step: string) =>
      scenario.when(before(scenario, step)).when(succeeded(scenario, step)).when(after(scenario, step));
    undone('pay');
    undone('book');
    expect(statusOf(scenario)).toBe('rolled_back');
  });

  test.each([
    ['a step behind what was undone', 'send', 'resume.undone'],
    ['a step whose write stands', 'book', 'resume.happened'],
    ['a step that there is not', 'none', 'step.unknown'],
  ])('is not taken up from %s', (_what, step, code) => {
    const scenario = escalated();
    scenario.when(resumeFrom(scenario, step));
    expect([refusal(scenario), statusOf(scenario)]).toEqual([code, 'escalated']);
  });

  test('is told which steps it can be taken up from', () => {
    const scenario = escalated();
    scenario.when(resumeFrom(scenario, 'none'));
    expect(scenario.decision.events[0]?.data).toMatchObject({
      code: 'step.unknown',
      message: expect.stringMatching(/^this workflow has no step none: resume from .*book.*pay.*send/),
    });
    scenario.when(resumeFrom(scenario, 'pay/inner'));
    expect(scenario.decision.events[0]?.data).toMatchObject({
      code: 'resume.nested',
      message: 'step pay/inner stands in the body of pay, or in its child: resume from pay',
    });
  });

  test('is closed by a person with a reason, and then nobody takes it up', () => {
    const scenario = escalated();
    scenario
      .when(close(scenario))
      .thenEvents({ type: 'run.closed', data: { by: { sub: 'ada' }, reason: 'a reason' } });
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'closed',
      closed: { by: 'ada', reason: 'a reason' },
    });
    scenario.when(resumeFrom(scenario, 'pay'));
    expect(refusal(scenario)).toBe('run.closed');
    scenario.when(close(scenario));
    expect(refusal(scenario)).toBe('run.closed');
  });
});

describe('a run is not taken up', () => {
  test('behind a pivot', () => {
    const scenario = run([
      read('look'),
      read('turn', { needs: ['look'], pivot: true }),
      read('send', { needs: ['turn'] }),
    ]);
    fails(perform(perform(scenario, 'look'), 'turn'), 'send');
    for (const step of ['look', 'turn']) {
      scenario.when(resumeFrom(scenario, step));
      expect([step, refusal(scenario)]).toEqual([step, 'resume.pivot']);
    }
    scenario.when(resumeFrom(scenario, 'send'));
    perform(scenario, 'send');
    expect(statusOf(scenario)).toBe('completed');
  });

  test('once a write has turned out to have happened after its end', () => {
    const scenario = run([askable('pay'), read('send')]);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario.when(skip(scenario, 'pay'));
    fails(scenario, 'send');
    scenario.when(late(requestId, callHash, 1));
    scenario.when(resumeFrom(scenario, 'send'));
    expect(refusal(scenario)).toMatch(/^resume\.(late|happened)$/);
  });

  test.each([
    ['completed', () => perform(run([read('look')]), 'look')],
    [
      'cancelled',
      () => {
        const s = run([wait('rest', { forMs: 9 })]);
        return s.when(cancel(s));
      },
    ],
  ])('when it is %s, nor closed', (status, ended) => {
    const scenario = ended();
    expect(statusOf(scenario)).toBe(status);
    scenario.when(resumeFrom(scenario, 'look'));
    expect(refusal(scenario)).toBe('run.ended');
    scenario.when(close(scenario));
    expect(refusal(scenario)).toBe('run.not_escalated');
  });

  test('while it goes on, nor closed', () => {
    const scenario = run([read('look')]);
    scenario.when(resumeFrom(scenario, 'look'));
    expect(refusal(scenario)).toBe('run.open');
    scenario.when(close(scenario));
    expect(refusal(scenario)).toBe('run.open');
  });

  test('when nothing of it is to be kept', () => {
    const scenario = run([read('look')], { resumeWithinMs: 0 });
    fails(scenario, 'look');
    expect(scenario.state?.steps.size).toBe(0);
    scenario.when(resumeFrom(scenario, 'look'));
    expect(refusal(scenario)).toBe('resume.forgotten');
  });
});

describe('what a run keeps to be taken up again', () => {
  test('is forgotten when its time is over', () => {
    const scenario = failedAtSend();
    expect(scenario.due).toBe(scenario.now + 14 * 86_400_000);
    scenario.whenDue().thenTypes('run.lapsed');
    expect([scenario.due, scenario.state?.steps.size, statusOf(scenario)]).toEqual([undefined, 0, 'failed']);
    scenario.when(resumeFrom(scenario, 'send'));
    expect(refusal(scenario)).toBe('resume.forgotten');
  });

  test('survives the state cache, and is what readers fold from the log', () => {
    const scenario = failedAtSend();
    const read_ = decodeState(encodeState(scenario.state!))!;
    expect(stateHash(read_)).toBe(stateHash(scenario.state!));
    expect(stateHash(foldRun(scenario.key, scenario.events)!)).toBe(stateHash(scenario.state!));
  });

  test('is nothing of a run that wrote and is rolled back', () => {
    const scenario = run([undoable('pay'), read('send', { needs: ['pay'] })]);
    performWrite(scenario, 'pay');
    fails(scenario, 'send');
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay')).when(after(scenario, 'pay'));
    expect([statusOf(scenario), scenario.state?.steps.size]).toEqual(['rolled_back', 0]);
  });

  test('is nothing where it is larger than a state may be', () => {
    const scenario = run(workflow([read('look'), write('pay', { needs: ['look'] })]));
    perform(scenario, 'look', { big: 'x'.repeat(250_000) });
    const other = run(workflow([read('a'), read('b'), read('c', { needs: ['a', 'b'] })]));
    for (const step of ['a', 'b']) perform(other, step, { big: 'x'.repeat(220_000) });
    fails(other, 'c');
    fails(scenario, 'pay');
    expect([other.state?.end?.resumable, scenario.state?.end?.resumable]).toEqual([undefined, true]);
    expect(wrote).toBeDefined();
  });
});
