import { describe, expect, test } from 'vitest';
import {
  denied,
  dual,
  expired,
  fay,
  fin,
  granted,
  lea,
  opened,
  requestOf,
  shown,
  single,
  waiting,
  withdrawn,
} from '../../test/approval-story.js';
import {
  after,
  before,
  callRequestOf,
  failed,
  perform,
  type RunStory,
  retry,
  run,
  succeeded,
  T0,
  unknown,
} from '../../test/run-story.js';
import { read, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a verdict that requires people', () => {
  test('ends the request and asks for exactly that call in the same append', () => {
    const story = run([write('pay')]);
    const { requestId, callHash, toolHash } = callRequestOf(story, 'pay');
    const args = { from: 'pay' };
    story
      .when(before(story, 'pay', { approval: single }))
      .thenEvents(
        { type: 'verdict.recorded', data: { approval: single } },
        {
          type: 'approval.requested',
          data: {
            approvalId: 'run-1.4',
            step: 'pay',
            subject: { kind: 'call', requestId, tool: 'pay.get', toolHash, arguments: args, generation: 1 },
            callHash,
            requirement: single,
            why: ['policy-1'],
            requester: 'ada',
          },
        },
      )
      .thenSee((state) => expect(state.openRequests).toEqual([]));
  });

  test('leaves the run running until the request was opened, and waiting for those people then', () => {
    const story = waiting([write('pay')], dual);
    expect(shown(story)).toEqual({ status: 'running', kinds: ['call'] });
    story.after(10).when(opened(story, 'pay')).thenTypes('approval.opened');
    const detail = 'dual approval by finance: run-1.4';
    expect(describeRun(story.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'approval', step: 'pay', since: T0 + 10, until: T0 + 10 + 86_400_000, detail }],
    });
  });

  test('leaves other branches going on', () => {
    const story = waiting([write('pay'), read('order')]);
    story.when(opened(story, 'pay'));
    expect(shown(story).status).toBe('running');
    perform(story, 'order').thenTypes('verdict.recorded', 'step.completed');
    expect(shown(story).status).toBe('waiting');
  });
});

describe('a grant', () => {
  test('requests the same call again under its approval, and the requirement it meets leaves that open', () => {
    const story = waiting();
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story.when(opened(story, 'pay')).when(granted(story, 'pay'));
    story.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.requested', data: { callHash, approvalId: 'run-1.4', attempt: 2, recovery: false } },
    );
    expect(callRequestOf(story, 'pay').requestId).not.toBe(requestId);
    story.when(before(story, 'pay', { approval: single })).thenTypes('verdict.recorded');
    story.when(succeeded(story, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('is named by every later request of that call: retries and repetitions in doubt', () => {
    const story = waiting();
    story.when(granted(story, 'pay')).when(before(story, 'pay', { approval: single }));
    story.when(failed(story, 'pay')).whenDue();
    expect(callRequestOf(story, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.4' });
    story
      .when(before(story, 'pay', { approval: single }))
      .when(unknown(story, 'pay'))
      .whenDue();
    expect(callRequestOf(story, 'pay')).toMatchObject({ attempt: 4, approvalId: 'run-1.4', recovery: true });
  });

  test('that comes before the opening counts; the opening then says nothing new', () => {
    const story = waiting();
    const opening = opened(story, 'pay');
    story.when(granted(story, 'pay')).thenTypes('approval.granted', 'run.checkpointed', 'call.requested');
    story.when(opening).thenNothing();
  });

  test('is not enough once policy demands more: people are asked anew', () => {
    const story = waiting();
    story.when(granted(story, 'pay'));
    story
      .when(before(story, 'pay', { approval: dual }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'approval.requested', data: { approvalId: 'run-1.9', requirement: dual } },
      );
    story.when(granted(story, 'pay', [fin, fay]));
    expect(callRequestOf(story, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.9' });
    story.when(before(story, 'pay', { approval: dual })).thenTypes('verdict.recorded');
  });

  test.each([
    ['for another call', [lea], { callHash: 'another' }],
    ['by too few people', [], {}],
    ['by the requester', [{ sub: 'ada', roles: ['lead'] }], {}],
    ['without the role', [{ sub: 'eve', roles: ['clerk'] }], {}],
  ])('%s requests nothing and fails the step as our own defect', (_name, people, extra) => {
    const story = waiting();
    story
      .when(granted(story, 'pay', people, extra))
      .thenEvents(
        { type: 'approval.granted' },
        { type: 'step.failed', data: { failure: { class: 'internal', code: 'approval.void' } } },
        { type: 'run.escalated' },
      );
  });
});

describe('a no', () => {
  test.each([
    ['a denial', denied, { class: 'denied', code: 'approval.denied', message: 'denied by lea: too much' }],
    ['an expiry that denies', expired, { class: 'denied', code: 'approval.expired' }],
    [
      'an expiry that falls back',
      (story: RunStory, step: string) => expired(story, step, 'fallback'),
      { class: 'timeout', code: 'approval.expired' },
    ],
    ['a withdrawal nobody asked for', withdrawn, { class: 'internal', code: 'approval.withdrawn' }],
  ])('%s fails the step', (_name, answer, failure) => {
    const story = waiting();
    story.when(opened(story, 'pay')).when(answer(story, 'pay'));
    expect(story.decision.events[1]).toMatchObject({ type: 'step.failed', data: { failure } });
    expect(story.state!.end).not.toBeNull();
  });

  test('takes the way the step declares for a failure', () => {
    const onFailure = { do: 'fallback', step: 'letter' } as const;
    const steps = [write('pay', { onFailure }), read('letter', { fallbackOnly: true })];
    const story = waiting(steps);
    story
      .when(expired(story, 'pay', 'fallback'))
      .thenTypes('approval.expired', 'step.fell_back', 'call.requested');
    perform(story, 'letter').thenTypes(
      'verdict.recorded',
      'step.completed',
      'step.completed',
      'run.completed',
    );
  });

  test('of a step that escalates parks it, and its retry asks anew for a call of its own', () => {
    const story = waiting([write('pay', { onFailure: { do: 'escalate' } })]);
    const first = requestOf(story, 'pay');
    story.when(denied(story, 'pay')).thenTypes('approval.denied', 'step.parked');
    story.when(retry(story, 'pay')).when(before(story, 'pay', { approval: single }));
    expect(requestOf(story, 'pay').callHash).not.toBe(first.callHash);
    story.when(granted(story, 'pay'));
    expect(callRequestOf(story, 'pay').approvalId).toBe(requestOf(story, 'pay').approvalId);
  });
});
