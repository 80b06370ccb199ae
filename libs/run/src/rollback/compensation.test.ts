import { describe, expect, test } from 'vitest';
import { denied, granted, opened, requestOf, single } from '../../test/approval-story.js';
import {
  after,
  before,
  callRequestOf,
  deny,
  failed,
  late,
  performWrite,
  type RunStory,
  refused,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-story.js';
import { askable, read, undoable, verifiable, type write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** A run whose `pay` and `book` are to be undone, in this order; that of `pay` is requested. */
function rollingBack(like?: typeof write): RunStory {
  const story = run([
    undoable('book'),
    undoable('pay', { needs: ['book'] }, like),
    read('send', { needs: ['pay'] }),
  ]);
  performWrite(performWrite(story, 'book'), 'pay');
  return story.when(before(story, 'send')).when(failed(story, 'send', { class: 'domain', code: 'no' }));
}

const undone = (story: RunStory, step: string): RunStory =>
  story.when(before(story, step)).when(succeeded(story, step)).when(after(story, step));

const standing = [{ step: 'pay', tool: 'pay.get' }];

/** The rest is undone, and the run ends with that write standing. */
function leavesStanding(story: RunStory): void {
  expect(story.last('step.compensation_failed').data).toMatchObject({ step: 'pay' });
  undone(story, 'book').thenTypes('verdict.recorded', 'step.compensated', 'run.escalated');
  expect(story.last('run.escalated').data).toMatchObject({
    failure: { code: 'compensation_failed' },
    standing,
  });
}

describe('a compensation', () => {
  test('that policy denies leaves its write standing', () => {
    const story = rollingBack();
    story
      .when(before(story, 'pay', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.compensation_failed', data: { step: 'pay', failure: { class: 'denied' } } },
        { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
      );
    leavesStanding(story);
  });

  test('whose outcome policy denies is for people to look at', () => {
    const story = rollingBack();
    story
      .when(before(story, 'pay'))
      .when(succeeded(story, 'pay'))
      .when(after(story, 'pay', deny));
    story.thenTypes('verdict.recorded', 'step.compensation_failed', 'call.requested');
    leavesStanding(story);
  });

  test('that fails in passing is made again under the same hash', () => {
    const story = rollingBack();
    const { callHash } = callRequestOf(story, 'pay');
    story.when(before(story, 'pay')).when(failed(story, 'pay'));
    story.thenTypes('call.recorded', 'step.retry_scheduled');
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'retry' }],
    });
    story
      .whenDue()
      .thenEvents({ type: 'call.requested', data: { callHash, purpose: 'compensate', attempt: 2 } });
    undone(undone(story, 'pay'), 'book');
    expect(describeRun(story.state!).status).toBe('rolled_back');
  });

  test('that was refused before it was made is made again', () => {
    const story = rollingBack();
    story.when(refused(story, 'pay', 'expired')).thenTypes('call.recorded', 'step.retry_scheduled');
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate' } });
  });

  test('that fails for good leaves its write standing', () => {
    const story = rollingBack();
    story.when(before(story, 'pay')).when(failed(story, 'pay', { class: 'domain', code: 'gone' }));
    story.thenTypes('call.recorded', 'step.compensation_failed', 'call.requested');
    leavesStanding(story);
  });

  test('that people have to allow waits for them', () => {
    const story = rollingBack();
    story.when(before(story, 'pay', { approval: single }));
    story.thenTypes('verdict.recorded', 'approval.requested');
    const { callHash } = callRequestOf(story, 'pay');
    expect(requestOf(story, 'pay')).toMatchObject({ callHash, subject: { tool: 'pay.undo' } });
    story.when(opened(story, 'pay'));
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'approval', step: 'pay', detail: expect.stringContaining('pay.undo') }],
    });
    const { approvalId } = requestOf(story, 'pay');
    story.when(granted(story, 'pay'));
    expect(callRequestOf(story, 'pay')).toMatchObject({ approvalId, callHash, purpose: 'compensate' });
    story.when(before(story, 'pay', { approval: single })).when(succeeded(story, 'pay'));
    story.when(after(story, 'pay'));
    undone(story, 'book');
    expect(describeRun(story.state!).status).toBe('rolled_back');
  });

  test('that people deny leaves its write standing', () => {
    const story = rollingBack();
    story.when(before(story, 'pay', { approval: single })).when(denied(story, 'pay'));
    story.thenTypes('approval.denied', 'step.compensation_failed', 'call.requested');
    leavesStanding(story);
  });
});

describe('a compensation in doubt', () => {
  const inDoubt = (like?: typeof write): RunStory => {
    const story = rollingBack(like);
    return story.when(before(story, 'pay')).when(unknown(story, 'pay'));
  };

  test('is repeated under its key', () => {
    const story = inDoubt();
    const { callHash } = callRequestOf(story, 'pay');
    story.thenTypes('call.recorded', 'call.recovery_started');
    story.whenDue();
    story.thenEvents({ type: 'call.requested', data: { callHash, recovery: true, purpose: 'compensate' } });
    undone(undone(story, 'pay'), 'book').thenTypes('verdict.recorded', 'step.compensated', 'run.rolled_back');
  });

  test('is asked about with the verify tool of the compensation', () => {
    const story = inDoubt(verifiable);
    const { callHash: key } = callRequestOf(story, 'pay');
    story.whenDue().thenEvents({
      type: 'call.requested',
      data: {
        purpose: 'verify',
        tool: 'pay.undo.find',
        arguments: { key, input: { of: 'pay' } },
        verifies: { tool: 'pay.undo', toolHash: 'hash of pay.undo' },
        reserved: { toolCalls: 0 },
      },
    });
    story.when(before(story, 'pay')).when(succeeded(story, 'pay', { found: true, output: {} }));
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.compensated', 'call.requested');
  });

  test('that its verify tool has not found is made again', () => {
    const story = inDoubt(verifiable).whenDue();
    story.when(before(story, 'pay')).when(succeeded(story, 'pay', { found: false }));
    story.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.doubt_resolved', data: { happened: false } },
      { type: 'call.requested', data: { purpose: 'compensate', attempt: 2, recovery: false } },
    );
  });

  test('that nobody can answer for is a person’s question: it is made again when it did not happen', () => {
    const story = inDoubt(askable).whenDue();
    story.thenEvents({ type: 'step.parked', data: { step: 'pay', because: 'in_doubt' } });
    expect(describeRun(story.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'pay' }]);
    story.when(skip(story, 'book')).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
    story.when(retry(story, 'pay'));
    story.thenEvents(
      { type: 'step.resumed' },
      { type: 'call.doubt_resolved', data: { happened: false, by: 'person' } },
      { type: 'call.requested', data: { purpose: 'compensate', attempt: 2 } },
    );
    undone(undone(story, 'pay'), 'book');
    expect(describeRun(story.state!).status).toBe('rolled_back');
  });

  test('that a person goes on from leaves its write standing', () => {
    const story = inDoubt(askable).whenDue();
    story.when(skip(story, 'pay')).thenTypes('step.skipped', 'step.compensation_failed', 'call.requested');
    leavesStanding(story);
  });

  test('is answered by a late success', () => {
    const story = inDoubt(askable);
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story.when(late(requestId, callHash, {}));
    story.thenTypes('call.late_recorded', 'call.doubt_resolved', 'run.checkpointed');
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.compensated', 'call.requested');
  });
});

describe('a write that comes to light', () => {
  /** A person went on from the doubt about `book`; later `send` fails the run. */
  function abandoned(): { story: RunStory; requestId: string; callHash: string } {
    const { recovery } = askable('book');
    const story = run([
      undoable('book', { recovery: recovery! }),
      undoable('pay', { needs: ['book'] }),
      read('send', { needs: ['pay'] }),
    ]);
    story.when(before(story, 'book')).when(unknown(story, 'book')).whenDue();
    const { requestId, callHash } = callRequestOf(story, 'book');
    story.when(skip(story, 'book'));
    performWrite(story, 'pay').when(before(story, 'send'));
    return { story, requestId, callHash };
  }
  const fails = (story: RunStory) => story.when(failed(story, 'send', { class: 'domain', code: 'no' }));

  test('before the rollback is undone in its turn: it happened when that came to be known', () => {
    const { story, requestId, callHash } = abandoned();
    story.when(late(requestId, callHash, {}, 'book'));
    story.thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    fails(story).thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed' },
      { type: 'rollback.started', data: { writes: [{ step: 'book' }, { step: 'pay' }] } },
      { type: 'call.requested', data: { step: 'book' } },
    );
    undone(undone(story, 'book'), 'pay').thenTypes('verdict.recorded', 'step.compensated', 'run.rolled_back');
  });

  test('during the rollback is undone next', () => {
    const { story, requestId, callHash } = abandoned();
    fails(story);
    expect(story.last('rollback.started').data).toMatchObject({ writes: [{ step: 'pay' }] });
    story.when(late(requestId, callHash, {}, 'book')).thenTypes('call.late_recorded');
    undone(story, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'pay' } },
      { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
    );
    undone(story, 'book');
    expect(story.last('run.rolled_back').data).toMatchObject({ undone: [{ step: 'pay' }, { step: 'book' }] });
  });

  test('during the rollback stands when nobody says what undoes it', () => {
    const { story, requestId, callHash } = abandoned();
    fails(story).when(late(requestId, callHash, {}));
    undone(story, 'pay');
    story.thenTypes('verdict.recorded', 'step.compensated', 'step.compensation_failed', 'run.escalated');
  });

  test('or not, stands at the end as long as nobody knows', () => {
    const { story } = abandoned();
    undone(fails(story), 'pay').thenTypes('verdict.recorded', 'step.compensated', 'run.escalated');
    expect(story.last('run.escalated').data).toMatchObject({
      failure: { code: 'compensation_failed' },
      standing: [{ step: 'book' }],
    });
  });

  test('after the rollback is recorded and escalated', () => {
    const { story, requestId, callHash } = abandoned();
    undone(fails(story), 'pay').when(late(requestId, callHash, {}, 'book'));
    story.thenEvents({ type: 'call.late_recorded', data: { effect: 'escalates' } });
    expect(describeRun(story.state!).waitingFor).toMatchObject([{ kind: 'operator', step: 'book' }]);
  });
});
