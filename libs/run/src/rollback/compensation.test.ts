import { describe, expect, test } from 'vitest';
import { denied, granted, opened, requestOf, single } from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  deny,
  failed,
  late,
  performWrite,
  type RunScenario,
  refused,
  resolve,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-scenario.js';
import { askable, read, undoable, verifiable, type write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** A run whose `pay` and `book` are to be undone, in this order; that of `pay` is requested. */
function rollingBack(like?: typeof write): RunScenario {
  const scenario = run([
    undoable('book'),
    undoable('pay', { needs: ['book'] }, like),
    read('send', { needs: ['pay'] }),
  ]);
  performWrite(performWrite(scenario, 'book'), 'pay');
  return scenario
    .when(before(scenario, 'send'))
    .when(failed(scenario, 'send', { class: 'domain', code: 'no' }));
}

const undone = (scenario: RunScenario, step: string): RunScenario =>
  scenario.when(before(scenario, step)).when(succeeded(scenario, step)).when(after(scenario, step));

const standing = [{ step: 'pay', tool: 'pay.get' }];

/** The rest is undone, and the run ends with that write standing. */
function leavesStanding(scenario: RunScenario): void {
  expect(scenario.last('step.compensation_failed').data).toMatchObject({ step: 'pay' });
  undone(scenario, 'book').thenTypes('verdict.recorded', 'step.compensated', 'run.escalated');
  expect(scenario.last('run.escalated').data).toMatchObject({
    failure: { code: 'compensation_failed' },
    standing,
  });
}

/** An operator lets it go, with a reason. */
function letGo(scenario: RunScenario): void {
  scenario
    .when(skip(scenario, 'pay'))
    .thenEvents(
      { type: 'step.skipped', data: { because: 'operator', reason: 'a reason' } },
      { type: 'step.compensation_failed' },
      { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
    );
  leavesStanding(scenario);
}

describe('a compensation', () => {
  test('that policy denies waits for an operator', () => {
    const scenario = rollingBack();
    scenario
      .when(before(scenario, 'pay', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.parked', data: { step: 'pay', failure: { class: 'denied' } } },
      );
    letGo(scenario);
  });

  test('whose outcome policy denies is for people to look at', () => {
    const scenario = rollingBack();
    scenario
      .when(before(scenario, 'pay'))
      .when(succeeded(scenario, 'pay'))
      .when(after(scenario, 'pay', deny));
    scenario.thenTypes('verdict.recorded', 'step.compensation_failed', 'call.requested');
    leavesStanding(scenario);
  });

  test('that fails in passing is made again under the same hash', () => {
    const scenario = rollingBack();
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay'));
    scenario.thenTypes('call.recorded', 'step.retry_scheduled');
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'retry' }],
    });
    scenario
      .whenDue()
      .thenEvents({ type: 'call.requested', data: { callHash, purpose: 'compensate', attempt: 2 } });
    undone(undone(scenario, 'pay'), 'book');
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });

  test('that was refused before it was made is made again', () => {
    const scenario = rollingBack();
    scenario.when(refused(scenario, 'pay', 'expired')).thenTypes('call.recorded', 'step.retry_scheduled');
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate' } });
  });

  const failedForGood = (): RunScenario => {
    const scenario = rollingBack();
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'domain', code: 'gone' }));
    return scenario;
  };

  test('that fails for good waits for an operator, without end', () => {
    const scenario = failedForGood();
    scenario.thenTypes('call.recorded', 'step.parked');
    const { status, waitingFor } = describeRun(scenario.state!);
    expect([status, waitingFor?.map(({ kind, step, until }) => ({ kind, step, until }))]).toEqual([
      'rolling_back',
      [{ kind: 'operator', step: 'pay', until: undefined }],
    ]);
    expect(scenario.due).toBeUndefined();
    letGo(scenario);
  });

  test('is made again when an operator says so, as often as they say so', () => {
    const scenario = failedForGood();
    for (let round = 0; round < 3; round += 1) {
      scenario.when(retry(scenario, 'pay')).thenTypes('step.resumed').whenDue();
      scenario.thenEvents({ type: 'call.requested', data: { purpose: 'compensate' } });
      scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'domain', code: 'gone' }));
      scenario.thenTypes('call.recorded', 'step.parked');
    }
    scenario.when(retry(scenario, 'pay')).whenDue();
    undone(undone(scenario, 'pay'), 'book');
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });

  test('is done when an operator says so, with or without what it gave', () => {
    const scenario = failedForGood();
    scenario.when(resolve(scenario, 'pay', { happened: true }));
    scenario.thenTypes('step.resolved', 'run.checkpointed', 'step.compensated', 'call.requested');
    undone(scenario, 'book');
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });

  test('that the retries of its step could not help waits for an operator', () => {
    const retry = { transient: { attempts: 2, backoffMs: 200 } };
    const scenario = run([undoable('pay', { retry }), read('send', { needs: ['pay'] })]);
    performWrite(scenario, 'pay')
      .when(before(scenario, 'send'))
      .when(failed(scenario, 'send', { class: 'domain', code: 'no' }));
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay')).whenDue();
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay'));
    scenario.thenTypes('call.recorded', 'step.parked');
  });

  test('that people have to allow waits for them', () => {
    const scenario = rollingBack();
    scenario.when(before(scenario, 'pay', { approval: single }));
    scenario.thenTypes('verdict.recorded', 'approval.requested');
    const { callHash } = callRequestOf(scenario, 'pay');
    expect(requestOf(scenario, 'pay')).toMatchObject({ callHash, subject: { tool: 'pay.undo' } });
    scenario.when(opened(scenario, 'pay'));
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'approval', step: 'pay', detail: expect.stringContaining('pay.undo') }],
    });
    const { approvalId } = requestOf(scenario, 'pay');
    scenario.when(granted(scenario, 'pay'));
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ approvalId, callHash, purpose: 'compensate' });
    scenario.when(before(scenario, 'pay', { approval: single })).when(succeeded(scenario, 'pay'));
    scenario.when(after(scenario, 'pay'));
    undone(scenario, 'book');
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });

  test('that people deny waits for an operator', () => {
    const scenario = rollingBack();
    scenario.when(before(scenario, 'pay', { approval: single })).when(denied(scenario, 'pay'));
    scenario.thenTypes('approval.denied', 'step.parked');
    letGo(scenario);
  });
});

describe('a compensation in doubt', () => {
  const inDoubt = (like?: typeof write): RunScenario => {
    const scenario = rollingBack(like);
    return scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
  };

  test('is repeated under its key', () => {
    const scenario = inDoubt();
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.thenTypes('call.recorded', 'call.recovery_started');
    scenario.whenDue();
    scenario.thenEvents({
      type: 'call.requested',
      data: { callHash, recovery: true, purpose: 'compensate' },
    });
    undone(undone(scenario, 'pay'), 'book').thenTypes(
      'verdict.recorded',
      'step.compensated',
      'run.rolled_back',
    );
  });

  test('is asked about with the verify tool of the compensation', () => {
    const scenario = inDoubt(verifiable);
    const { callHash: key } = callRequestOf(scenario, 'pay');
    scenario.whenDue().thenEvents({
      type: 'call.requested',
      data: {
        purpose: 'verify',
        tool: 'pay.undo.find',
        arguments: { key, input: { of: 'pay' } },
        verifies: { tool: 'pay.undo', toolHash: 'hash of pay.undo' },
        reserved: { toolCalls: 0 },
      },
    });
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay', { found: true, output: {} }));
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.compensated', 'call.requested');
  });

  test('that its verify tool has not found is made again', () => {
    const scenario = inDoubt(verifiable).whenDue();
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay', { found: false }));
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.doubt_resolved', data: { happened: false } },
      { type: 'call.requested', data: { purpose: 'compensate', attempt: 2, recovery: false } },
    );
  });

  test('that nobody can answer for is a person’s question: it is made again when it did not happen', () => {
    const scenario = inDoubt(askable).whenDue();
    scenario.thenEvents({ type: 'step.parked', data: { step: 'pay', because: 'in_doubt' } });
    expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'pay' }]);
    scenario
      .when(skip(scenario, 'book'))
      .thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
    scenario.when(retry(scenario, 'pay'));
    scenario.thenEvents(
      { type: 'step.resumed' },
      { type: 'call.doubt_resolved', data: { happened: false, by: 'person' } },
      { type: 'call.requested', data: { purpose: 'compensate', attempt: 2 } },
    );
    undone(undone(scenario, 'pay'), 'book');
    expect(describeRun(scenario.state!).status).toBe('rolled_back');
  });

  test('that a person goes on from leaves its write standing', () => {
    const scenario = inDoubt(askable).whenDue();
    scenario
      .when(skip(scenario, 'pay'))
      .thenTypes('step.skipped', 'step.compensation_failed', 'call.requested');
    leavesStanding(scenario);
  });

  test('is answered by a late success', () => {
    const scenario = inDoubt(askable);
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.when(late(requestId, callHash, {}));
    scenario.thenTypes('call.late_recorded', 'call.doubt_resolved', 'run.checkpointed');
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.compensated', 'call.requested');
  });
});

describe('a write that comes to light', () => {
  /** A person went on from the doubt about `book`; later `send` fails the run. */
  function abandoned(): { scenario: RunScenario; requestId: string; callHash: string } {
    const { recovery } = askable('book');
    const scenario = run([
      undoable('book', { recovery: recovery! }),
      undoable('pay', { needs: ['book'] }),
      read('send', { needs: ['pay'] }),
    ]);
    scenario.when(before(scenario, 'book')).when(unknown(scenario, 'book')).whenDue();
    const { requestId, callHash } = callRequestOf(scenario, 'book');
    scenario.when(skip(scenario, 'book'));
    performWrite(scenario, 'pay').when(before(scenario, 'send'));
    return { scenario, requestId, callHash };
  }
  const fails = (scenario: RunScenario) =>
    scenario.when(failed(scenario, 'send', { class: 'domain', code: 'no' }));

  test('before the rollback is undone in its turn: it happened when that came to be known', () => {
    const { scenario, requestId, callHash } = abandoned();
    scenario.when(late(requestId, callHash, {}, 'book'));
    scenario.thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    fails(scenario).thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed' },
      { type: 'rollback.started', data: { writes: [{ step: 'book' }, { step: 'pay' }] } },
      { type: 'call.requested', data: { step: 'book' } },
    );
    undone(undone(scenario, 'book'), 'pay').thenTypes(
      'verdict.recorded',
      'step.compensated',
      'run.rolled_back',
    );
  });

  test('during the rollback is undone next', () => {
    const { scenario, requestId, callHash } = abandoned();
    fails(scenario);
    expect(scenario.last('rollback.started').data).toMatchObject({ writes: [{ step: 'pay' }] });
    scenario.when(late(requestId, callHash, {}, 'book')).thenTypes('call.late_recorded');
    undone(scenario, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'pay' } },
      { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
    );
    undone(scenario, 'book');
    expect(scenario.last('run.rolled_back').data).toMatchObject({
      undone: [{ step: 'pay' }, { step: 'book' }],
    });
  });

  test('during the rollback stands when nobody says what undoes it', () => {
    const { scenario, requestId, callHash } = abandoned();
    fails(scenario).when(late(requestId, callHash, {}));
    undone(scenario, 'pay');
    scenario.thenTypes('verdict.recorded', 'step.compensated', 'step.compensation_failed', 'run.escalated');
  });

  test('or not, stands at the end as long as nobody knows', () => {
    const { scenario } = abandoned();
    undone(fails(scenario), 'pay').thenTypes('verdict.recorded', 'step.compensated', 'run.escalated');
    expect(scenario.last('run.escalated').data).toMatchObject({
      failure: { code: 'compensation_failed' },
      standing: [{ step: 'book' }],
    });
  });

  test('after the rollback is recorded and escalated', () => {
    const { scenario, requestId, callHash } = abandoned();
    undone(fails(scenario), 'pay').when(late(requestId, callHash, {}, 'book'));
    scenario.thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'book' }]);
  });
});
