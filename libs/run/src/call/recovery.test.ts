import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  failed,
  perform,
  type RunStory,
  refused,
  retry,
  run,
  skip,
  succeeded,
  unknown,
} from '../../test/run-story.js';
import { askable, read, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const inDoubt = (steps: Parameters<typeof run>[0]): RunStory => {
  const story = run(steps);
  return story.when(before(story, 'pay')).when(unknown(story, 'pay'));
};

const waitsFor = (story: RunStory) => describeRun(story.state!).waitingFor?.map(({ kind }) => kind);

describe('a call in doubt whose target takes a key', () => {
  test('is repeated under the same hash', () => {
    const story = inDoubt([write('pay')]);
    const { callHash } = callRequestOf(story, 'pay');
    story.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.recovery_started', data: { by: 'idempotency-key' } },
    );
    story.whenDue().thenEvents({ type: 'call.requested', data: { callHash, recovery: true, attempt: 2 } });
    story
      .when(before(story, 'pay'))
      .when(succeeded(story, 'pay'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: true, by: 'repeat' } },
        { type: 'run.checkpointed' },
      );
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('stays in doubt when a repetition is denied, and a person is asked once it has settled', () => {
    const story = inDoubt([write('pay')]).whenDue();
    story.when(before(story, 'pay', deny)).thenTypes('verdict.recorded', 'call.recovery_started');
    expect(waitsFor(story)).toEqual(['recovery']);
    story.whenDue().thenEvents({
      type: 'step.parked',
      data: { because: 'in_doubt', failure: { class: 'outcome_unknown' } },
    });
  });

  test('stays in doubt through refusals and failures of its repetitions until a person is asked', () => {
    const story = inDoubt([write('pay')]);
    for (let round = 0; round < 4; round += 1) {
      story.whenDue().thenTypes('call.requested');
      story.when(round % 2 === 0 ? refused(story, 'pay', 'expired') : failed(story, 'pay'));
      story.thenTypes('call.recorded', 'step.retry_scheduled');
    }
    story.whenDue().when(failed(story, 'pay'));
    story.thenSee((state) => expect(state.failed).toBeNull());
    while (story.last('call.recovery_started') && !story.events.some(({ type }) => type === 'step.parked'))
      story.whenDue();
    expect(waitsFor(story)).toEqual(['operator']);
  });

  test('is known not to have happened when the target answers with a declared failure', () => {
    const story = inDoubt([write('pay')]).whenDue();
    story
      .when(before(story, 'pay'))
      .when(failed(story, 'pay', { class: 'domain', code: 'no_funds' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: false } },
        { type: 'step.failed', data: { failure: { code: 'no_funds' } } },
        { type: 'run.failed' },
      );
  });

  test('is repeated although the run is being cancelled, and the run ends only then', () => {
    const story = inDoubt([write('pay')]);
    story.when(cancel(story)).thenTypes('run.cancelling');
    story.whenDue().thenTypes('call.requested');
    story.when(before(story, 'pay')).when(succeeded(story, 'pay'));
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.escalated');
  });

  test('is not revoked by the run’s deadline', () => {
    const story = inDoubt(workflow([write('pay')], { budget: { durationMs: 3_000 } })).after(10_000);
    story
      .when({ kind: 'due' })
      .thenEvents({ type: 'call.requested', data: { recovery: true } }, { type: 'run.budget_warned' });
    story.when({ kind: 'due' }).thenNothing();
    story.when(before(story, 'pay')).when(succeeded(story, 'pay'));
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });
});

describe('a call in doubt that its verify tool can answer for', () => {
  const asked = (steps = [verifiable('pay')]) => {
    const story = inDoubt(steps);
    const { callHash: key } = callRequestOf(story, 'pay');
    const settled = story.now + 1_000 + 500 + 100;
    story.thenEvents(
      { type: 'call.recorded' },
      { type: 'call.recovery_started', data: { by: 'verify', notBefore: settled } },
    );
    story.whenDue().thenEvents({
      type: 'call.requested',
      data: {
        purpose: 'verify',
        effect: 'read',
        tool: 'pay.find',
        arguments: { key, input: { from: 'pay' } },
      },
    });
    expect(callRequestOf(story, 'pay').callHash).not.toBe(key);
    expect(story.now).toBe(settled);
    return { story, key };
  };

  test('has happened when the tool finds it, with the output the tool gives', () => {
    const { story } = asked();
    story
      .when(before(story, 'pay'))
      .when(succeeded(story, 'pay', { found: true, output: { id: 7 } }))
      .thenEvents(
        { type: 'call.recorded', data: { check: { tool: 'pay.find' } } },
        { type: 'call.doubt_resolved', data: { happened: true, output: { id: 7 }, by: 'verify' } },
        { type: 'run.checkpointed' },
      );
    story
      .when(after(story, 'pay'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { output: { id: 7 } } },
        { type: 'run.completed' },
      );
  });

  test('is requested again under the same hash when the tool finds nothing', () => {
    const { story, key } = asked();
    story
      .when(before(story, 'pay'))
      .when(succeeded(story, 'pay', { found: false }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'verify' } },
        { type: 'call.requested', data: { callHash: key, purpose: 'step', recovery: false } },
      );
  });

  test('is not requested again when the run is ending', () => {
    const { story } = asked();
    story.when(cancel(story)).thenTypes('run.cancelling');
    story
      .when(before(story, 'pay'))
      .when(succeeded(story, 'pay', { found: false }))
      .thenTypes('call.recorded', 'call.doubt_resolved', 'run.cancelled');
  });

  test.each([
    ['denied', (story: RunStory) => before(story, 'pay', deny)],
    ['broken', (story: RunStory) => succeeded(story, 'pay', { nonsense: 1 })],
    ['failed for good', (story: RunStory) => failed(story, 'pay', { class: 'unauthorized' })],
  ])('is a person’s question when the tool’s answer is %s', (_, answer) => {
    const { story } = asked();
    story.when(answer(story));
    story.thenSee((_, { decision }) => expect(decision.events.at(-1)).toMatchObject({ type: 'step.parked' }));
  });

  test('is asked about again when the tool fails in passing', () => {
    const { story } = asked();
    story.when(failed(story, 'pay')).thenTypes('call.recorded', 'step.retry_scheduled');
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'verify', attempt: 2 } });
  });

  test('that comes into doubt a second time is a question of its own', () => {
    const { story } = asked();
    const first = callRequestOf(story, 'pay').callHash;
    story
      .when(succeeded(story, 'pay', { found: false }))
      .when(unknown(story, 'pay'))
      .whenDue();
    expect(callRequestOf(story, 'pay')).toMatchObject({ purpose: 'verify', occurrence: 2 });
    expect(callRequestOf(story, 'pay').callHash).not.toBe(first);
  });
});

describe('a call in doubt that nobody can answer for', () => {
  const parked = () => {
    const story = inDoubt([askable('pay'), read('next', { needs: ['pay'] })]);
    story.thenTypes('call.recorded', 'call.recovery_started');
    return story.whenDue().thenEvents({ type: 'step.parked', data: { because: 'in_doubt' } });
  };

  test('is parked for a person, and retry requests it again under the same key', () => {
    const story = parked();
    const { callHash } = callRequestOf(story, 'pay');
    expect(waitsFor(story)).toEqual(['operator']);
    story
      .when(retry(story, 'pay'))
      .thenEvents(
        { type: 'step.resumed', data: { generation: 1 } },
        { type: 'call.doubt_resolved', data: { happened: false, by: 'person' } },
        { type: 'call.requested', data: { callHash, recovery: false } },
      );
  });

  test('is gone on without when a person skips it', () => {
    const story = parked();
    story.when(skip(story, 'pay')).thenTypes('step.skipped', 'call.requested');
    perform(story, 'next').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('keeps a cancelled run open until the person has answered', () => {
    const story = parked();
    story.when(cancel(story)).thenTypes('run.cancelling');
    story.when(retry(story, 'pay')).thenTypes('step.resumed', 'call.doubt_resolved', 'run.cancelled');
  });

  test('is not answered by a command that was given before it was parked', () => {
    const story = inDoubt([askable('pay')]);
    const early = retry(story, 'pay');
    story
      .whenDue()
      .when(early)
      .thenEvents({ type: 'command.refused', data: { code: 'step.parked_later' } });
  });
});
