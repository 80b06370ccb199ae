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
} from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  failed,
  perform,
  type RunScenario,
  retry,
  run,
  succeeded,
  T0,
  unknown,
} from '../../test/run-scenario.js';
import { read, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

describe('a verdict that requires people', () => {
  test('ends the request and asks for exactly that call in the same append', () => {
    const scenario = run([write('pay')]);
    const { requestId, callHash, toolHash } = callRequestOf(scenario, 'pay');
    const args = { from: 'pay' };
    scenario
      .when(before(scenario, 'pay', { approval: single }))
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
    const scenario = waiting([write('pay')], dual);
    expect(shown(scenario)).toEqual({ status: 'running', kinds: ['call'] });
    scenario.after(10).when(opened(scenario, 'pay')).thenTypes('approval.opened');
    const detail = 'dual approval by finance: run-1.4';
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'approval', step: 'pay', since: T0 + 10, until: T0 + 10 + 86_400_000, detail }],
    });
  });

  test('leaves other branches going on', () => {
    const scenario = waiting([write('pay'), read('order')]);
    scenario.when(opened(scenario, 'pay'));
    expect(shown(scenario).status).toBe('running');
    perform(scenario, 'order').thenTypes('verdict.recorded', 'step.completed');
    expect(shown(scenario).status).toBe('waiting');
  });
});

describe('a grant', () => {
  test('requests the same call again under its approval, and the requirement it meets leaves that open', () => {
    const scenario = waiting();
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario.when(opened(scenario, 'pay')).when(granted(scenario, 'pay'));
    scenario.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.requested', data: { callHash, approvalId: 'run-1.4', attempt: 2, recovery: false } },
    );
    expect(callRequestOf(scenario, 'pay').requestId).not.toBe(requestId);
    scenario.when(before(scenario, 'pay', { approval: single })).thenTypes('verdict.recorded');
    scenario.when(succeeded(scenario, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    scenario.when(after(scenario, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('is named by every later request of that call: retries and repetitions in doubt', () => {
    const scenario = waiting();
    scenario.when(granted(scenario, 'pay')).when(before(scenario, 'pay', { approval: single }));
    scenario.when(failed(scenario, 'pay')).whenDue();
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.4' });
    scenario
      .when(before(scenario, 'pay', { approval: single }))
      .when(unknown(scenario, 'pay'))
      .whenDue();
    expect(callRequestOf(scenario, 'pay')).toMatchObject({
      attempt: 4,
      approvalId: 'run-1.4',
      recovery: true,
    });
  });

  test('that comes before the opening counts; the opening then says nothing new', () => {
    const scenario = waiting();
    const opening = opened(scenario, 'pay');
    scenario
      .when(granted(scenario, 'pay'))
      .thenTypes('approval.granted', 'run.checkpointed', 'call.requested');
    scenario.when(opening).thenNothing();
  });

  test('is not enough once policy demands more: people are asked anew', () => {
    const scenario = waiting();
    scenario.when(granted(scenario, 'pay'));
    scenario
      .when(before(scenario, 'pay', { approval: dual }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'approval.requested', data: { approvalId: 'run-1.9', requirement: dual } },
      );
    scenario.when(granted(scenario, 'pay', [fin, fay]));
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.9' });
    scenario.when(before(scenario, 'pay', { approval: dual })).thenTypes('verdict.recorded');
  });

  test.each([
    ['for another call', [lea], { callHash: 'another' }],
    ['by too few people', [], {}],
    ['by the requester', [{ sub: 'ada', roles: ['lead'] }], {}],
    ['without the role', [{ sub: 'eve', roles: ['clerk'] }], {}],
  ])('%s requests nothing and fails the step as our own defect', (_name, people, extra) => {
    const scenario = waiting();
    scenario
      .when(granted(scenario, 'pay', people, extra))
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
      (scenario: RunScenario, step: string) => expired(scenario, step, 'fallback'),
      { class: 'timeout', code: 'approval.expired' },
    ],
    ['a withdrawal nobody asked for', withdrawn, { class: 'internal', code: 'approval.withdrawn' }],
  ])('%s fails the step', (_name, answer, failure) => {
    const scenario = waiting();
    scenario.when(opened(scenario, 'pay')).when(answer(scenario, 'pay'));
    expect(scenario.decision.events[1]).toMatchObject({ type: 'step.failed', data: { failure } });
    expect(scenario.state!.end).not.toBeNull();
  });

  test('takes the way the step declares for a failure', () => {
    const onFailure = { do: 'fallback', step: 'letter' } as const;
    const steps = [write('pay', { onFailure }), read('letter', { fallbackOnly: true })];
    const scenario = waiting(steps);
    scenario
      .when(expired(scenario, 'pay', 'fallback'))
      .thenTypes('approval.expired', 'step.fell_back', 'call.requested');
    perform(scenario, 'letter').thenTypes(
      'verdict.recorded',
      'step.completed',
      'step.completed',
      'run.completed',
    );
  });

  test('of a step that escalates parks it, and its retry asks anew for a call of its own', () => {
    const scenario = waiting([write('pay', { onFailure: { do: 'escalate' } })]);
    const first = requestOf(scenario, 'pay');
    scenario.when(denied(scenario, 'pay')).thenTypes('approval.denied', 'step.parked');
    scenario.when(retry(scenario, 'pay')).when(before(scenario, 'pay', { approval: single }));
    expect(requestOf(scenario, 'pay').callHash).not.toBe(first.callHash);
    scenario.when(granted(scenario, 'pay'));
    expect(callRequestOf(scenario, 'pay').approvalId).toBe(requestOf(scenario, 'pay').approvalId);
  });
});
